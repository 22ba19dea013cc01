"""BCP 47 tags: what the detectors call a language, and which tags are standards of one language."""

#: Codes of langdetect and pycld2 that are not the BCP 47 tag.
_RENAMED = {
    "iw": "he", "in": "id", "ji": "yi", "jw": "jv", "no": "nb", "mo": "ro", "fil": "tl", "sr-ME": "sr",
    "zh-cn": "zh", "zh-tw": "zh", "zh-Hant": "zh", "zh-TW": "zh", "bh": "bho", "ak": "tw",
}  # fmt: skip

#: Tags that are standards of one language: the detectors disagree here without contradicting each other.
_FAMILY = {"bs": "hr", "sr": "hr", "ms": "id", "nn": "nb"}

#: Constructed or joke languages that pycld2 knows; on real pages its word for one of them is a mistake.
_UNREAL = frozenset({"tlh", "zzp", "zzb", "zze", "zzh", "vo", "ia", "ie", "un", "xxx"})


def tag(code: str) -> str:
    """The BCP 47 tag of a detector's code; 'und' for one that names no real language."""
    if code in _UNREAL or code.startswith("xx"):
        return "und"
    return _RENAMED.get(code, code)


def family(language: str) -> str:
    """The tag that stands for all standards of the language: hr for bs and sr, id for ms, nb for nn."""
    return _FAMILY.get(language, language)
