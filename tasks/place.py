"""Which file a name stands for: the same one under every spelling of its path."""

import os
from functools import lru_cache
from hashlib import blake2b


def place_id(path: str) -> str:
    """16 hex digits that stand for where a file lies, whichever way its path is spelt. A URL stands for itself."""
    where = path if "://" in path else located(path)
    return blake2b(where.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def located(path: str) -> str:
    """Equal for `in/a`, `./in/a` and `/home/me/in/a`. Links to folders are followed, a link to a file is a file of its own."""
    folder, name = os.path.split(path)
    return os.path.join(_folder(os.getcwd(), folder), name)


@lru_cache(maxsize=4096)
def _folder(below: str, folder: str) -> str:
    return os.path.realpath(os.path.join(below, folder))
