"""Codes and names of the languages that can be spoken here: Whisper's hundred, each under one code.

Whoever takes a language from outside (settings, plugins, a voice's description) passes it through `normalised`.
"""

from __future__ import annotations

import difflib
import re

from local_agent.errors import ConfigError

AUTO = "auto"  # Whisper detects the language

# Whisper's code: other names of the same language. ISO 639-1 as far as there is one; ISO 639-2 and -3, codes that were
# withdrawn (iw, in, ji, mo), the parts of a macrolanguage that Whisper does not tell apart, and the English name.
_NAMES: dict[str, str] = {
    "af": "afr Afrikaans", "am": "amh Amharic", "ar": "ara arb Arabic", "as": "asm Assamese",
    "az": "aze azj Azerbaijani", "ba": "bak Bashkir", "be": "bel Belarusian", "bg": "bul Bulgarian",
    "bn": "ben Bengali bangla", "bo": "bod tib Tibetan", "br": "bre Breton", "bs": "bos Bosnian",
    "ca": "cat Catalan valencian", "cs": "ces cze Czech", "cy": "cym wel Welsh", "da": "dan Danish",
    "de": "deu ger German deutsch gsw", "el": "ell gre Greek", "en": "eng English",
    "es": "spa Spanish castilian español espanol", "et": "est ekk Estonian", "eu": "eus baq Basque",
    "fa": "fas per pes prs Persian farsi dari", "fi": "fin Finnish", "fo": "fao Faroese",
    "fr": "fra fre French français francais",
    "gl": "glg Galician", "gu": "guj Gujarati", "ha": "hau Hausa", "haw": "Hawaiian", "he": "heb iw Hebrew",
    "hi": "hin Hindi हिन्दी", "hr": "hrv Croatian", "ht": "hat Haitian", "hu": "hun Hungarian",
    "hy": "hye arm Armenian",
    "id": "ind in Indonesian", "is": "isl ice Icelandic", "it": "ita Italian italiano", "ja": "jpn Japanese 日本語",
    "jw": "jv jav Javanese", "ka": "kat geo Georgian", "kk": "kaz Kazakh", "km": "khm Khmer", "kn": "kan Kannada",
    "ko": "kor Korean", "la": "lat Latin", "lb": "ltz Luxembourgish letzeburgesch", "ln": "lin Lingala",
    "lo": "lao Lao", "lt": "lit Lithuanian", "lv": "lav lvs Latvian", "mg": "mlg Malagasy", "mi": "mri mao Maori",
    "mk": "mkd mac Macedonian", "ml": "mal Malayalam", "mn": "mon khk Mongolian", "mr": "mar Marathi",
    "ms": "msa may zsm Malay", "mt": "mlt Maltese", "my": "mya bur Burmese myanmar", "ne": "nep npi Nepali",
    "nl": "nld dut Dutch flemish nederlands", "nn": "nno Nynorsk",
    "no": "nb nor nob Norwegian bokmål bokmal", "oc": "oci Occitan",
    "pa": "pan Punjabi panjabi", "pl": "pol Polish polski", "ps": "pus pbt Pashto pushto",
    "pt": "por Portuguese português portugues",
    "ro": "ron rum mo mol Romanian moldavian moldovan", "ru": "rus Russian русский",
    "sa": "san Sanskrit", "sd": "snd Sindhi",
    "si": "sin Sinhala sinhalese", "sk": "slk slo Slovak", "sl": "slv Slovenian slovene", "sn": "sna Shona",
    "so": "som Somali", "sq": "sqi alb als Albanian", "sr": "srp Serbian", "su": "sun Sundanese",
    "sv": "swe Swedish svenska",
    "sw": "swa swh Swahili", "ta": "tam Tamil", "te": "tel Telugu", "tg": "tgk Tajik", "th": "tha Thai",
    "tk": "tuk Turkmen", "tl": "tgl fil Tagalog filipino", "tr": "tur Turkish", "tt": "tat Tatar",
    "uk": "ukr Ukrainian", "ur": "urd Urdu", "uz": "uzb uzn Uzbek", "vi": "vie Vietnamese",
    "yi": "yid ji Yiddish", "yo": "yor Yoruba",
    "yue": "zh-yue Cantonese", "zh": "zho chi cmn Chinese mandarin 中文",
}  # fmt: skip

CODES = frozenset(_NAMES)
ENGLISH_NAMES = {code: next(word for word in words.split() if word[0].isupper()) for code, words in _NAMES.items()}
_KNOWN = {word.lower(): code for code, words in _NAMES.items() for word in (code, *words.split())} | {
    AUTO: AUTO,
    "multi": AUTO,  # LiveKit's word for it
}


def normalised(given: str) -> str:
    """Whisper's code of a language, or "auto".

    given: a code or English name in any writing, with or without region, script and encoding: `en-US`, `zh_Hans_CN`,
    `DE`, `nb`, `german`, `pt_BR.UTF-8`. Raises ValueError, with the nearest known code, for one that Whisper does not
    know.
    """
    tag = re.split(r"[.@]", given.strip().lower().replace("_", "-"))[0]
    found = _KNOWN.get(tag) or _KNOWN.get("-".join(tag.split("-")[:2])) or _KNOWN.get(tag.split("-")[0])
    if found is None:
        near = difflib.get_close_matches(tag, [word for word in _KNOWN if len(word) > 3], n=1, cutoff=0.75)
        code = _KNOWN[near[0]] if near else AUTO
        raise ValueError(
            f"no language that Whisper knows is called {given!r}; expected an ISO 639-1 code such as en, de or zh, or "
            f"auto" + (f"; did you mean {code} ({ENGLISH_NAMES.get(code, code)})?" if near else "")
        )
    return found


def demanded(given: str) -> str:
    """As `normalised`, for programs. Raises ConfigError."""
    try:
        return normalised(given)
    except ValueError as error:
        what, _, expected = str(error).partition("; expected ")
        raise ConfigError(what, expected=expected, fix='for example language="en"') from error


def told(code: str) -> str:
    """A code with its English name: `de (German)`."""
    return f"{code} ({ENGLISH_NAMES[code]})" if code in ENGLISH_NAMES else code
