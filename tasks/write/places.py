"""Which file a name stands for: the same one under every spelling of its path."""

import functools
import hashlib
import os


def place(path: str) -> str:
    """16 hex digits that stand for where a file lies: equal for `in/a`, `./in/a` and `/home/me/in/a`.

    Links to folders are followed, a link to a file is a file of its own. A URL stands for itself.
    """
    if "://" not in path:
        folder, name = os.path.split(path)
        path = os.path.join(_folder(os.getcwd(), folder), name)
    return hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


@functools.lru_cache(maxsize=4096)
def _folder(below: str, folder: str) -> str:
    return os.path.realpath(os.path.join(below, folder))
