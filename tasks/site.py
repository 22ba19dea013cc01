"""The site that a page belongs to."""

from functools import lru_cache
from urllib.parse import urlsplit

from tld import get_fld


def site_of(url: str | None) -> str | None:
    """The registered domain of `url` (`bbc.co.uk`), or None where it has no host.

    An unknown suffix gives the last two labels; an IP address or a single label is the site itself.
    """
    if not url:
        return None
    try:
        host = urlsplit(url if "://" in url else f"//{url.lstrip('/')}").hostname
    except ValueError:
        return None
    return _registered(host.rstrip(".")) if host else None


@lru_cache(maxsize=1 << 16)
def _registered(host: str) -> str:
    known = get_fld(host, fix_protocol=True, fail_silently=True) if "." in host else None
    if isinstance(known, str) and known:
        return known
    if ":" in host or host.replace(".", "").isdigit():
        return host
    return ".".join(host.split(".")[-2:])
