"""Where a file lies, as the ledger remembers it."""

import hashlib

from tasks.place import located


def place(path: str) -> str:
    """16 hex digits that stand for where a file lies, whichever way its path is spelt. A URL stands for itself."""
    where = path if "://" in path else located(path)
    return hashlib.blake2b(where.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
