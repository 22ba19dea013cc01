"""Local disks and object stores behind one `open`. The only module that touches a file system's API."""

import os
import stat
from functools import lru_cache
from typing import BinaryIO, cast
from urllib.parse import quote, unquote_to_bytes

import pyarrow as pa
from pyarrow import fs

#: One request to an object store brings this many bytes.
REMOTE_BUFFER = 4 << 20


def is_url(path: str) -> bool:
    """Whether `path` names an object store (`s3://...`); `file://` is local."""
    return "://" in path and not path.startswith("file://")


def local_path(path: str) -> str:
    """The path to hand to the operating system."""
    return os.fsdecode(unquote_to_bytes(path[len("file://") :])) if path.startswith("file://") else path


def printable_path(path: str) -> str:
    """`path`, or where its bytes are not UTF-8, the `file://` URL of it, which any table can hold."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return "file://" + quote(os.fsencode(os.path.abspath(path)))
    return path


def resolve(url: str) -> tuple[fs.FileSystem, str]:
    """The file system of an object-store URL and the path in it. Raises OSError or pa.ArrowInvalid."""
    scheme, _, rest = url.partition("://")
    bucket, slash, key = rest.partition("/")
    system, root = _file_system(f"{scheme}://{bucket}")
    return system, root + slash + key


@lru_cache(maxsize=64)
def _file_system(root: str) -> tuple[fs.FileSystem, str]:
    # One connection pool a bucket; credentials, region and endpoint come from the usual environment.
    system, path = fs.FileSystem.from_uri(root)
    return system, path


def _open_url(url: str) -> BinaryIO:
    system, key = resolve(url)
    try:
        return cast(BinaryIO, system.open_input_file(key))
    except OSError as error:
        if "ACCESS_DENIED" in str(error):  # which would not be otherwise the next time
            raise PermissionError(str(error)) from error
        raise


def open_file(path: str) -> BinaryIO:
    """A seekable binary file. Raises OSError when it cannot be opened."""
    try:
        if is_url(path):
            return _open_url(path)
        file = open(local_path(path), "rb", buffering=0)  # noqa: SIM115 - the caller closes it
    except (pa.ArrowException, ValueError) as error:
        raise OSError(str(error)) from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError("not a regular file")
    return file
