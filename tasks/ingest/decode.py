"""Bytes of unknown encoding to text, or a reason why not."""

import codecs
import re

import charset_normalizer
from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

#: Bytes that no text has a use for: C0 controls but tab, newlines, form feed and escape.
_CONTROLS = bytes(set(range(32)) - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B}) + b"\x7f"
_HIGH = bytes(range(128, 256))
#: More than this share of control or replacement characters is not text.
_MAX_JUNK = 0.03
#: What is looked at to detect an encoding.
_SAMPLE = 64 << 10

_BOMS = (  # the UTF-32 marks begin with the UTF-16 ones
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Pages declare the narrow name and use the wide set, as browsers know.
_WIDER = {"gbk": "gb18030", "gb2312": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
          "iso8859-11": "cp874", "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254"}  # fmt: skip
_META = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.\-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^<>]{0,100}?encoding\s*=\s*[\"']([a-zA-Z0-9_:.\-]{2,40})", re.IGNORECASE)
_UNSUPPORTED = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive or office document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"\x1f\x8b\x08", "gzip-compressed, where it should be plain"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed, where it should be plain"),
    (b"\xfd7zXZ\x00", "xz-compressed"),
    (b"\x04\x22\x4d\x18", "lz4-compressed"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document"),
    (b"OggS\0", "an Ogg recording"),
    (b"ID3\3\0", "an MP3 recording"),
    (b"ID3\4\0", "an MP3 recording"),
    (b"SQLite format 3\x00", "an SQLite database"),
)


class Undecodable(ValueError):
    """The bytes are not text: `reason` is `undecodable`, or `unsupported` for a known kind of file."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def decode(data: bytes, declared: str | None = None, html: bool = False) -> str:
    """The text of `data`, without byte order mark; characters are otherwise as they are in the input.

    Order: byte order mark, UTF-16 by its zeros, UTF-8, `declared` (of an HTTP header), the page's own
    declaration if `html`, detection. NULs and what cannot be decoded become U+FFFD, one for one.
    Raises Undecodable.
    """
    kind = binary_kind(data)
    if kind:
        raise Undecodable("unsupported", f"the content is {kind}")
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _checked(data[len(mark) :].decode(encoding, "replace"), encoding)
    if b"\0" in data and (wide := _utf16_by_zeros(data)):
        return _checked(data.decode(wide, "replace"), wide)
    if b"\x1b$" not in data:  # the escape of ISO-2022-JP and -KR, which else would pass for ASCII
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode(errors="replace")
            if _is_scarred_utf8(data, text):
                return _checked(text, "utf-8")
        else:
            if len(data.translate(None, _CONTROLS)) == len(data):
                return text
            return _checked(text, "utf-8")
    for label in (declared, _declared_inside(data) if html else None):
        codec = _codec(label)
        if codec and codec != "utf-8":
            try:
                return _checked(data.decode(codec), codec)
            except UnicodeDecodeError:
                pass
    return _detected(data)


def mend(text: str) -> str:
    """`text` with each NUL and lone surrogate replaced by U+FFFD, so that any store can hold it."""
    text = without_nul(text)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return text


def without_nul(text: str) -> str:
    """As `mend`, for text that was decoded from UTF-8 and so holds no surrogates."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


def binary_kind(data: bytes | bytearray) -> str | None:
    """What kind of file begins with `data`, if it is one that holds no plain text."""
    if data[257:262] == b"ustar":
        return "a tar archive"
    if data[:3] == b"BZh" and data[4:10] == b"1AY&SY":
        return "bzip2-compressed"
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return "a picture, sound or film"
    return next((kind for magic, kind in _UNSUPPORTED if data.startswith(magic)), None)


def _detected(data: bytes) -> str:
    """By resiliparse's detector, which is fast; charset_normalizer judges what that one cannot tell."""
    sample = data[:_SAMPLE]
    encoding = _codec(detect_encoding(sample))
    if encoding and encoding != "utf-8":
        try:
            return _checked(data.decode(encoding), encoding)
        except UnicodeDecodeError:
            pass
    best = charset_normalizer.from_bytes(sample[: 16 << 10]).best()
    encoding = _codec(best.encoding) if best else encoding
    if encoding is None or encoding == "utf-8":
        raise Undecodable("undecodable", "text in no encoding that could be declared or detected")
    return _checked(data.decode(encoding, "replace"), encoding)


def _checked(text: str, encoding: str) -> str:
    junk = _junk(text)
    if junk > _MAX_JUNK:
        raise Undecodable(
            "undecodable", f"as {encoding}, {junk:.0%} of it would be control characters or holes"
        )
    return mend(text)


def _junk(text: str) -> float:
    """The share of characters that no text has, C1 controls included."""
    if not text:
        return 0.0
    kept = text.translate(_JUNK)
    return 1 - len(kept) / len(text)


_JUNK = dict.fromkeys([*_CONTROLS, *range(0x80, 0x85), *range(0x86, 0xA0), 0xFFFD, 0xFFFF, 0xFFFE])


def _is_scarred_utf8(data: bytes, text: str) -> bool:
    """Whether `data`, decoded to `text`, is UTF-8 but for a few bytes, such as a character cut in two.

    Legacy text hardly ever forms valid sequences; nine in ten of what is not ASCII would be chance indeed.
    """
    wide = len(text) - len(data.translate(None, _HIGH))
    return text.count("\ufffd") * 10 <= wide


def _utf16_by_zeros(data: bytes) -> str | None:
    """UTF-16 without a mark: in European text every second byte is zero; in any, only one half ever is."""
    sample = data[:4096]
    half = len(sample) // 2 or 1
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < 0.2 * half or min(even, odd) > 0.02 * half:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _declared_inside(data: bytes) -> str | None:
    """The charset that a page names in its first KiBs."""
    head = data[:4096]
    found = _META.search(head) or _XML.search(head)
    return found.group(1).decode("ascii") if found else None


def _codec(label: str | None) -> str | None:
    """Python's name of the encoding that browsers take `label` for; None if they do not know it."""
    if not label:
        return None
    name = map_encoding_to_html5(label, fallback_utf8=False) or label
    try:
        name = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _WIDER.get(name, name)
