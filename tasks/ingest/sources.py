"""From what the user names to the list of input files."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import has_magic, iglob

import pyarrow as pa
from pyarrow import fs

from tasks.ingest.storage import is_url, local_path, printable_path, resolve
from tasks.place import located

#: Device and inode.
_Identity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """One input file.

    `path` is as the user gave it, completed below a folder; `fingerprint` (size and modification time)
    changes when the file does; `folder` is the name of the folder that holds it.
    """

    path: str
    size: int
    fingerprint: str
    folder: str


class SourceNotFound(ValueError):
    """A source that names nothing: `name` is what was given, `hint` what could be done."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__(f"{name}: {hint}")
        self.name = name
        self.hint = hint


def list_sources(
    given: Sequence[str], may_be_empty: bool = False, output: str | os.PathLike[str] | None = None
) -> list[Source]:
    """All files behind files, folders (recursive), globs and object-store URLs, sorted by path, each once.

    Below folders and globs, names that start with a dot are skipped. A file or folder that cannot be looked
    into stays in the list, so that reading it gives a reject.

    may_be_empty: whether a folder or pattern may name nothing yet, as an inbox does on its first day.
    output: a folder that is passed over where it lies below one of the sources. What is named in it is read.

    Raises SourceNotFound.
    """
    found: dict[str, Source] = {}
    left_out = _identity(output)
    for name in given:
        listed = list(_list_store(name) if is_url(name) else _list_local(name, left_out))
        if not listed and not may_be_empty:
            raise SourceNotFound(name, "no file below this folder or matching this pattern")
        for source in listed:
            # alone, a name gives no file twice, and a million files need no second name each
            whole = len(given) == 1 or is_url(source.path)
            found.setdefault(source.path if whole else located(source.path), source)
    return sorted(found.values(), key=lambda source: source.path)


def _identity(path: str | os.PathLike[str] | None) -> _Identity | None:
    """What a folder is known by, under whichever name; None where there is none."""
    try:
        status = None if path is None else os.stat(path)
    except OSError:
        return None
    return status and (status.st_dev, status.st_ino)


def _list_local(name: str, left_out: _Identity | None) -> Iterator[Source]:
    path = os.path.normpath(local_path(name)) if name else name
    if os.path.lexists(path):  # a name with brackets in it is a name first
        if left_out and _identity(path) == left_out:
            raise SourceNotFound(name, "this is the output folder; what it holds is no input")
        return _walk([path], left_out)
    if not has_magic(path):
        raise SourceNotFound(name, "no such file or folder")
    if "**" not in path:
        return _walk(iglob(path), left_out)
    # glob would follow a loop of links some forty times over: walk the fixed part and match what is below
    parts = path.split(os.sep)
    fixed = os.sep.join(parts[: next(i for i, part in enumerate(parts) if has_magic(part))])
    base = fixed or (os.sep if os.path.isabs(path) else os.curdir)
    pattern = _glob_pattern(path)
    below = _walk([base], left_out)
    return (source for source in below if pattern.fullmatch(os.path.normpath(local_path(source.path))))


def _walk(paths: Iterable[str], left_out: _Identity | None) -> Iterator[Source]:
    """The regular files at and below `paths`; each folder is entered once, however links lead to it, and the one
    that is `left_out` never."""
    entered = {left_out} if left_out else set()
    stack = sorted(paths, reverse=True)
    while stack:
        path = stack.pop()
        try:
            status = os.stat(path)
            if stat.S_ISDIR(status.st_mode):
                if (status.st_dev, status.st_ino) not in entered:
                    entered.add((status.st_dev, status.st_ino))
                    with os.scandir(path) as entries:
                        below = [entry.name for entry in entries if not entry.name.startswith(".")]
                    stack += [os.path.join(path, name) if path != os.curdir else name for name in below]
            elif stat.S_ISREG(status.st_mode):
                yield _local_source(path, status.st_size, status.st_mtime_ns)
        except OSError:
            yield _local_source(path, 0, 0)


def _local_source(path: str, size: int, changed: int) -> Source:
    folder = os.path.basename(os.path.dirname(path if os.path.dirname(path) else os.path.abspath(path)))
    folder = sys.intern(folder.encode(errors="replace").decode())
    return Source(printable_path(path), size, f"{size}-{changed}", folder)


def _list_store(url: str) -> Iterator[Source]:
    """Files at, below or matching a URL: one listing of the part before the first wildcard."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0]
    if ":" in host.rpartition("@")[0]:
        hint = "a URL ends up in logs and tables: credentials belong into the environment"
        raise SourceNotFound(f"{scheme}://***@{host.rpartition('@')[2]}", hint)
    parts = rest.rstrip("/").split("/")
    fixed = next((i for i, part in enumerate(parts) if i and has_magic(part)), len(parts))
    base = "/".join(parts[:fixed])
    pattern = _glob_pattern(rest.rstrip("/")) if fixed < len(parts) else None
    try:
        system, root = resolve(f"{scheme}://{base}")
        info = system.get_file_info(root)
        infos = (
            [info]
            if info.type is fs.FileType.File
            else system.get_file_info(fs.FileSelector(root, recursive=True))
        )
    except FileNotFoundError:
        return
    except (OSError, pa.ArrowException) as error:
        raise SourceNotFound(url, str(error)) from error
    for info in infos:
        key = f"{base}{info.path[len(root) :]}"
        hidden = any(part.startswith(".") for part in key[len(base) :].split("/"))
        if info.type is fs.FileType.File and not hidden and (pattern is None or pattern.fullmatch(key)):
            folder = key.split("/")[-2] if "/" in key else key
            changed = info.mtime_ns or 0
            yield Source(f"{scheme}://{key}", info.size, f"{info.size}-{changed}", folder)


def _glob_pattern(glob: str) -> re.Pattern[str]:
    """`**` matches any number of folders, `*`, `?`, `[...]` in a name; a matched folder gives all below."""
    parts = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\])", glob)
    return re.compile("".join(parts.get(p) or _literal_or_class(p) for p in pieces) + r"(?:/.*)?", re.DOTALL)


def _literal_or_class(piece: str) -> str:
    if piece.startswith("[") and piece.endswith("]") and len(piece) > 2:
        inside = piece[1:-1].replace("\\", r"\\").replace("[", r"\[")
        return f"[^/{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(piece)
