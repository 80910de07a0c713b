"""Every variable known to make a part of the product talk to others, set to somewhere behind the counted way out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ELSEWHERE = "203.0.113.7"  # TEST-NET-3 (RFC 5737)
NAME = "elsewhere.example"  # RFC 2606
_KEY = "sk-0123456789abcdef0123456789abcdef"

_LIVEKIT = {
    "LIVEKIT_DEV_MODE": "1",
    "LIVEKIT_REMOTE_EOT_URL": f"https://eot.{NAME}/v1",
    "LIVEKIT_OBSERVABILITY_URL": f"https://observe.{NAME}",
    "LIVEKIT_INFERENCE_URL": f"https://inference.{NAME}/v1",
    "LIVEKIT_INFERENCE_API_KEY": "key",
    "LIVEKIT_INFERENCE_API_SECRET": _KEY,
    "LIVEKIT_WORKER_TOKEN": "token",
    "LIVEKIT_AGENT_ID": "agent",
    "LIVEKIT_AGENT_DEPLOYMENT": "deployment",
    "LIVEKIT_AGENT_NAME": "somebody",
    "LIVEKIT_TELEMETRY_ALLOW_PII": "1",
    "LK_DUMP_TTS": "1",
}
# What livekit-server reads besides its configuration (its command's flags have these names too).
_SERVER = {"NODE_IP": ELSEWHERE, "REDIS_HOST": f"{ELSEWHERE}:6379", "LIVEKIT_REGION": "elsewhere"}
_CLOUDS = {
    f"{cloud}_API_KEY": _KEY
    for cloud in ("OPENAI", "ANTHROPIC", "GOOGLE", "GEMINI", "GROQ", "DEEPGRAM", "ASSEMBLYAI", "CARTESIA", "ELEVEN")
} | {"OPENAI_BASE_URL": f"https://openai.{NAME}/v1", "OPENAI_API_BASE": f"https://openai.{NAME}/v1"}
_HUBS = {
    "HF_TOKEN": "hf_0123456789abcdef0123456789abcdef",
    "HF_ENDPOINT": f"https://hub.{NAME}",
    "HF_HUB_OFFLINE": "0",
    "HF_HUB_DISABLE_TELEMETRY": "0",
    "HF_HUB_DISABLE_UPDATE_CHECK": "0",
    "TRANSFORMERS_OFFLINE": "0",
    "HF_HUB_ENABLE_HF_TRANSFER": "0",
}
_TELEMETRY = {
    "ORT_DISABLE_TELEMETRY": "0",
    "DO_NOT_TRACK": "0",
    "OTEL_SDK_DISABLED": "false",
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_METRICS_EXPORTER": "otlp",
    "OTEL_LOGS_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{ELSEWHERE}:4318",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://otel.{NAME}:4318/v1/traces",
    "SENTRY_DSN": f"https://0123456789abcdef@sentry.{NAME}/1",
    "WANDB_API_KEY": _KEY,
    "LANGFUSE_HOST": f"https://langfuse.{NAME}",
}
_PROXIES = {
    name: f"http://{ELSEWHERE}:3128"
    for upper in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    for name in (upper, upper.lower())
} | {"NO_PROXY": "", "no_proxy": ""}

VARIABLES: Mapping[str, str] = MappingProxyType(_LIVEKIT | _SERVER | _CLOUDS | _HUBS | _TELEMETRY | _PROXIES)
