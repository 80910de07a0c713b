"""Every variable known to make a part of the product talk to others, set to somewhere behind the counted way out.

A test compares them with all that the installed packages read.
"""

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
    "LIVEKIT_TOKEN": "token",
    "LIVEKIT_AGENT_ID": "agent",
    "LIVEKIT_AGENT_DEPLOYMENT": "deployment",
    "LIVEKIT_AGENT_NAME": "somebody",
    "LIVEKIT_AGENT_NAME_OVERRIDE": "somebody",
    "LIVEKIT_REGION_NAME": "elsewhere",
    "LIVEKIT_SIP_NUMBER": "+15550100",
    "LIVEKIT_TELEMETRY_ALLOW_PII": "1",
    "LIVEKIT_LOG_LEVEL": "debug",
    "LIVEKIT_RTC_DEBUG": "1",
    "LK_DUMP_TTS": "1",
    "LK_DUMP_STACK_TRACES": "1",
    "PYTHONASYNCIODEBUG": "1",
    "TWILIO_AUTH_TOKEN": _KEY,
}
# What livekit-server reads besides its configuration (its command's flags have these names too).
_SERVER = {
    "NODE_IP": ELSEWHERE,
    "REDIS_HOST": f"{ELSEWHERE}:6379",
    "LIVEKIT_REGION": "elsewhere",
    "LIVEKIT_RTC_USE_EXTERNAL_IP": "true",
}
_CLOUDS = {
    f"{cloud}_API_KEY": _KEY
    for cloud in (
        "OPENAI", "AZURE_OPENAI", "ANTHROPIC", "GOOGLE", "GEMINI", "GROQ", "DEEPGRAM", "ASSEMBLYAI", "CARTESIA",
        "ELEVEN",
    )
} | {
    "OPENAI_BASE_URL": f"https://openai.{NAME}/v1",
    "OPENAI_API_BASE": f"https://openai.{NAME}/v1",
    "OPENAI_ADMIN_KEY": _KEY,
    "OPENAI_WEBHOOK_SECRET": _KEY,
    "OPENAI_LOG": "debug",
    "AZURE_OPENAI_ENDPOINT": f"https://azure.{NAME}",
    "AZURE_OPENAI_AD_TOKEN": _KEY,
    "AWS_BEARER_TOKEN_BEDROCK": _KEY,
    "AWS_BEDROCK_BASE_URL": f"https://bedrock.{NAME}",
    "GOOGLE_CLOUD_PROJECT": "elsewhere",
    "GOOGLE_CLOUD_LOCATION": "elsewhere",
}  # fmt: skip
_HUBS = {
    "HF_TOKEN": "hf_0123456789abcdef0123456789abcdef",
    "HUGGING_FACE_HUB_TOKEN": "hf_0123456789abcdef0123456789abcdef",
    "HF_OIDC_ID_TOKEN": "token",
    "HF_ENDPOINT": f"https://hub.{NAME}",
    "HF_INFERENCE_ENDPOINT": f"https://hub.{NAME}/inference",
    "HUGGINGFACE_CO_STAGING": "1",
    "HF_HUB_OFFLINE": "0",
    "HF_HUB_DISABLE_TELEMETRY": "0",
    "HF_HUB_DISABLE_UPDATE_CHECK": "0",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "0",
    "TRANSFORMERS_OFFLINE": "0",
    "HF_HUB_ENABLE_HF_TRANSFER": "0",
    "HF_DEBUG": "1",
    "ACTIONS_ID_TOKEN_REQUEST_URL": f"https://actions.{NAME}",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "token",
    "OPENID_PROVIDER_URL": f"https://openid.{NAME}",
    "SPACE_HOST": f"space.{NAME}",
}
_TELEMETRY = {
    "ORT_DISABLE_TELEMETRY": "0",
    "DO_NOT_TRACK": "0",
    "DISABLE_TELEMETRY": "0",
    "OTEL_SDK_DISABLED": "false",
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_METRICS_EXPORTER": "otlp",
    "OTEL_LOGS_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{ELSEWHERE}:4318",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://otel.{NAME}:4318/v1/traces",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"http://otel.{NAME}:4318/v1/metrics",
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": f"http://otel.{NAME}:4318/v1/logs",
    "OTEL_EXPORTER_ZIPKIN_ENDPOINT": f"http://otel.{NAME}:9411",
    "OTEL_EXPORTER_PROMETHEUS_HOST": ELSEWHERE,
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true",
    "SENTRY_DSN": f"https://0123456789abcdef@sentry.{NAME}/1",
    "WANDB_API_KEY": _KEY,
    "LANGFUSE_HOST": f"https://langfuse.{NAME}",
    "TQDM_SLACK_TOKEN": _KEY,
    "TQDM_DISCORD_TOKEN": _KEY,
    "TQDM_TELEGRAM_TOKEN": _KEY,
}
_PROXIES = {
    name: f"http://{ELSEWHERE}:3128"
    for upper in ("HTTP_PROXY", "HTTPS_PROXY", "WS_PROXY", "WSS_PROXY", "SOCKS_PROXY", "GRPC_PROXY", "ALL_PROXY")
    for name in (upper, upper.lower())
} | {"NO_PROXY": "", "no_proxy": ""}

VARIABLES: Mapping[str, str] = MappingProxyType(_LIVEKIT | _SERVER | _CLOUDS | _HUBS | _TELEMETRY | _PROXIES)
