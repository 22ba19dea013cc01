"""The site that a page belongs to."""

import re
from functools import lru_cache
from unicodedata import normalize
from urllib.parse import urlsplit

from tld import get_fld


def site_of(url: str | None) -> str | None:
    """The registered domain of `url` (`bbc.co.uk`), or None where it has no host.

    An unknown suffix gives the last two labels; an IP address or a single label is the site itself. Of a domain that
    is written in two ways, in its own letters and in ASCII (`xn--`), it is the first.
    """
    if not url:
        return None
    plain = _PLAIN.match(url)
    if plain:  # nearly all: the host is what stands there, and a site has many pages
        return _registered(plain[1].lower().rstrip("."))
    whole = "://" in url
    try:
        parts = urlsplit(url if whole else f"//{url.lstrip('/')}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if not whole and ("." not in host or "@" in parts.netloc):  # a path, javascript:..., mailto:...
        return None
    return _registered(host)


#: An address whose host needs no parser.
_PLAIN = re.compile(r"https?://([A-Za-z0-9.-]*[A-Za-z0-9])(?:[/?#]|$)", re.ASCII)
#: A part of a domain: letters, digits, hyphens and underscores. Of what is not ASCII, all that can be printed but for
#: the sign that something could not be.
_LABEL = r"(?:[a-z0-9_-]|[^\x00-\x7f\ufffd]){1,63}"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")


@lru_cache(maxsize=1 << 16)
def _registered(host: str) -> str | None:
    if ":" in host:
        return host
    # Wide letters and the full stops of Chinese stand for the others in a domain, as browsers know.
    host = ".".join(map(_in_letters, normalize("NFKC", host).replace("。", ".").split(".")))
    if not _HOST.fullmatch(host) or not host.isprintable():
        return None
    known = get_fld(host, fix_protocol=True, fail_silently=True) if "." in host else None
    if isinstance(known, str) and known:
        return known
    if host.replace(".", "").isdigit():
        return host
    return ".".join(host.split(".")[-2:])


def _in_letters(label: str) -> str:
    """A label of a domain in its own letters."""
    try:
        label = label[4:].encode().decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label
    return normalize("NFC", label.lower())
