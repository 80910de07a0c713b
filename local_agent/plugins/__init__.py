"""Thin LiveKit adapters round the engines; they import no inference library.

from local_agent.plugins import whisper, llama, piper
AgentSession(stt=whisper.STT(), llm=llama.LLM(), tts=piper.TTS(), vad=silero.VAD.load())
"""
