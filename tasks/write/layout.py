"""Where things lie in an output folder."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from schemas import SCHEMA_VERSION

if TYPE_CHECKING:
    from tasks.ingest import Shard

#: A leading dot or underscore would hide the file from pyarrow.dataset, and a slash would lead elsewhere.
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one output folder. Creates nothing.

    `memory` stands for what was known of sites when shards were cleaned (see tasks.write.memory).
    """

    out: Path
    memory: str = ""

    @property
    def staging(self) -> Path:
        return self.out / ".staging"

    @property
    def shards(self) -> Path:
        return self.staging / "shards"

    @property
    def ready(self) -> Path:
        return self.staging / "ready"

    @property
    def pages(self) -> Path:
        return self.staging / "pages"

    @property
    def pending_memory(self) -> Path:
        """What a run would have the memory of sites be, until it is known that the run publishes anything."""
        return self.staging / "memory"

    @property
    def sketches(self) -> Path:
        """What is kept of each unit's texts to compare them with those of later runs."""
        return self.out / ".sketches"

    def sketch(self, key: str) -> Path:
        """The file of the sketches of a unit's records."""
        return self.sketches / f"{key}.arrow"

    @property
    def uncompared(self) -> Path:
        """Is there while records are published that have not been compared with the others."""
        return self.sketches / "uncompared"

    @property
    def temporary(self) -> Path:
        return self.staging / "temporary"

    @property
    def progress(self) -> Path:
        return self.staging / "progress"

    @property
    def lock(self) -> Path:
        return self.staging / "lock"

    def published(self, dataset: str, key: str) -> Path:
        """The file that holds a unit's rows of a data set."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} cannot be a unit's key: letters, digits, '.', '_' and '-' only")
        return self.out / dataset / f"{key}.parquet"

    def whole(self, dataset: str) -> Path:
        """The one file of a data set that tells of all records, whatever unit they are in."""
        return self.published(dataset, "all")

    def staged(self, shard: "Shard", digest: str) -> Path:
        """The folder of a shard's finished tables.

        The name stands for all that shapes them: which bytes of which version of which files, the settings, and
        what was known of sites. So what an earlier run staged is found again if, and only if, it would come out
        the same.
        """
        return self.shards / _identity(shard, f"{digest}\0{self.memory}" if self.memory else digest)

    def staged_pages(self, shard: "Shard", digest: str) -> Path:
        """The folder of a shard's documents as they were read and counted; its name does not depend on `memory`."""
        return self.pages / _identity(shard, digest)


def _identity(shard: "Shard", digest: str) -> str:
    identity = hashlib.blake2b(f"{SCHEMA_VERSION}\0{digest}".encode(), digest_size=16)
    for piece in shard.slices:
        cut = (piece.source.path, piece.source.fingerprint, piece.start, piece.stop, piece.first_index)
        identity.update(repr(cut).encode("utf-8", "backslashreplace"))
    return identity.hexdigest()
