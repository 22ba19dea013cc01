"""Coverage-guided fuzzing of the readers: `pip install '.[fuzz]'`, then

    python tests/fuzz/fuzz_readers.py tests/fuzz/corpus -max_total_time=600

An input is a format's letter and the bytes of a file. Whatever they are, reading ends in documents and rejects with
known reasons and positions that do not repeat; any exception is a finding. What is found goes into the corpus.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

if __name__ == "__main__":
    import atheris

    with atheris.instrument_imports(include=["tasks"]):
        import tasks.ingest  # noqa: F401 - what is imported here is what coverage is measured of

from schemas import REJECT_REASONS
from tasks.ingest import IngestOptions, list_sources, plan_units, read_shard

NAMES = {b"t": "a.txt", b"h": "a.html", b"j": "a.jsonl", b"w": "a.warc", b"p": "a.parquet"}
OPTIONS = IngestOptions(max_document_bytes=1 << 16, batch_documents=3)


def one_input(data: bytes, folder: Path) -> None:
    """Read the bytes as a file of the format that the first one stands for. Raises where a promise is broken."""
    path = folder / NAMES.get(data[:1], "a")
    path.write_bytes(data[1:])
    seen: list[int] = []
    for unit in plan_units(list_sources([str(path)]), OPTIONS, shard_bytes=200):
        for shard in unit.shards:
            for documents, rejects in read_shard(shard, OPTIONS):
                seen += documents["source_index"].to_pylist()
                seen += [index for index in rejects["source_index"].to_pylist() if index is not None]
                unknown = set(rejects["reason"].to_pylist()) - REJECT_REASONS.keys()
                assert not unknown, unknown
                for text in documents["text"].to_pylist():
                    assert text is None or text.encode(), "a document without text"
    path.unlink()
    assert len(seen) == len(set(seen)), "a document was read twice"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        atheris.Setup(sys.argv, lambda data: one_input(data, Path(folder)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
