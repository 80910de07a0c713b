"""Thin LiveKit adapters round the engines; they import no inference library.

from local_agent.plugins import whisper, llama, piper
AgentSession(stt=whisper.STT(), llm=llama.LLM(), tts=piper.TTS(), vad=silero.VAD.load())

Constructors look at nothing: models are found, checked and loaded at `prewarm` or at the first use, on threads. What is
wrong with one is raised there, as livekit's APIError; `validate()` raises it at once, as ours.

One variable of the environment is set here, if it is not set: ORT_DISABLE_TELEMETRY=1, since ONNX Runtime reads it when
it is imported. So import this before livekit.plugins.silero and whatever else imports that. Those of waiting threads
(`config.sources.PASSIVE`) follow when the first model loads.
"""

from local_agent.config import sources

sources.silence_onnx()
