"""The site that a page belongs to."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from tld import get_fld


def site_of(url: str | None) -> str | None:
    """The registered domain of `url` (`bbc.co.uk`), or None where it has no host.

    An unknown suffix gives the last two labels; an IP address or a single label is the site itself.
    """
    if not url:
        return None
    plain = _PLAIN.match(url)
    if plain:  # nearly all: the host is what stands there, and a site has many pages
        return _registered(plain[1].lower().rstrip("."))
    try:
        host = urlsplit(url if "://" in url else f"//{url.lstrip('/')}").hostname
    except ValueError:
        return None
    return _registered(host.rstrip(".")) if host else None


#: An address whose host needs no parser.
_PLAIN = re.compile(r"https?://([A-Za-z0-9.-]*[A-Za-z0-9])(?:[/?#]|$)", re.ASCII)


@lru_cache(maxsize=1 << 16)
def _registered(host: str) -> str:
    known = get_fld(host, fix_protocol=True, fail_silently=True) if "." in host else None
    if isinstance(known, str) and known:
        return known
    if ":" in host or host.replace(".", "").isdigit():
        return host
    return ".".join(host.split(".")[-2:])
