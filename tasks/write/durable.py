"""The few operations that change the disk for good: atomic, and on the disk when they return."""

import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's entries, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: Path) -> None:
    """Create a folder and its parents, so that a power cut does not take it away again."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        sync(path.parent)


@contextmanager
def new_folder(final: Path, temporary: Path) -> Iterator[Path]:
    """Yield an empty folder in `temporary`; on leaving without an error it becomes `final` in one rename.

    Where somebody else was faster, `final` stays as it is: both hold the same.
    """
    make_folder(temporary)
    make_folder(final.parent)
    folder = Path(tempfile.mkdtemp(dir=temporary))
    try:
        yield folder
        for file in folder.iterdir():
            sync(file)
        sync(folder)
        try:
            folder.rename(final)
        except OSError:
            if not final.is_dir():
                raise
        sync(final.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def move_file(file: Path, target: Path) -> None:
    """Put a file in the place of `target`; a target that holds the same bytes already is left untouched."""
    make_folder(target.parent)
    if target.exists() and filecmp.cmp(file, target, shallow=False):
        file.unlink()
        return
    os.replace(file, target)
    sync(target.parent)


def write_file(target: Path, content: str, temporary: Path) -> None:
    """Write a small text file whole, or not at all."""
    make_folder(temporary)
    make_folder(target.parent)
    handle, name = tempfile.mkstemp(dir=temporary)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o644)
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)
    sync(target.parent)


def link_or_copy(file: Path, target: Path) -> None:
    """The same content under a second name; on file systems without hard links, a copy."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)
