"""An object store that fails for a while, for good, or refuses: tried again with growing pauses, or a clear failure."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest

pytestmark = pytest.mark.usefixtures("prefect_server")

BODY = "The harbour council met on Tuesday evening to settle the matter of the old ferry landing.\n" * 3


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@dataclass
class Store:
    """An S3 server that answers `status` instead, where it is asked for the object named, for so many requests."""

    answer: Callable[..., Any]
    status: str = ""
    failures: int = 0
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"].endswith("/bad.txt") and environ["REQUEST_METHOD"] != "PUT":
            self.asked.append(environ["REQUEST_METHOD"])
            if len(self.asked) <= self.failures:
                start_response(self.status, [("Content-Type", "text/plain"), ("Content-Length", "0")])
                return [b""]
        return self.answer(environ, start_response)


@pytest.fixture
def store() -> Iterator[Store]:
    """A bucket with a good object and one that can be made to fail."""
    server = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    from werkzeug.serving import make_server

    failing = Store(server.DomainDispatcherApplication(server.create_backend_app))
    http = make_server("127.0.0.1", 0, failing, threaded=True)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{http.server_port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        client = boto3.client("s3")
        client.create_bucket(Bucket="faults")
        for name in ("bad.txt", "good.txt"):
            client.put_object(Bucket="faults", Key=name, Body=f"{name}. {BODY}".encode())
        from tasks.ingest import storage

        storage._file_system.cache_clear()
        yield failing
        storage._file_system.cache_clear()
    http.shutdown()
    thread.join()


def run(out: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The flow over both objects, each a shard of its own, with one attempt more and no pause before it."""
    from flows import clean_corpus as module

    again = module.clean.with_options(retries=1, retry_delay_seconds=0, retry_jitter_factor=0)
    monkeypatch.setattr(module, "clean", again)
    return module.clean_corpus(
        ["s3://faults"], str(out), shard_bytes=100, site_memory=False, return_state=True
    )


def names(out: Path, dataset: str) -> list[str]:
    return sorted(Path(row["source"]).name for row in ds.dataset(out / dataset).to_table().to_pylist())


def test_a_store_that_fails_for_a_while_is_tried_again(store, tmp_path, monkeypatch) -> None:
    """The client tries 31 times by itself, for the plan and for the task; what fails beyond is tried by the next task."""
    store.status, store.failures = "503 Slow Down", 70
    state = run(tmp_path / "out", monkeypatch)
    assert state.is_completed(), state.message
    assert len(store.asked) > 70
    assert names(tmp_path / "out", "records") == ["bad.txt", "good.txt"]


def test_a_store_that_fails_for_good_fails_the_run_with_a_word_and_the_next_run_goes_on(
    store, tmp_path, monkeypatch
) -> None:
    store.status, store.failures = "503 Slow Down", 1_000_000
    state = run(tmp_path / "out", monkeypatch)
    assert state.is_failed()
    assert state.message.startswith("1 of 2 shards failed, the first: bad.txt 1/1")
    assert "bad.txt" in state.message and "503" in state.message
    assert "AKID" not in state.message and "wJalr" not in state.message
    assert names(tmp_path / "out", "records") == names(tmp_path / "out", "sources") == ["good.txt"]
    store.failures = 0
    assert run(tmp_path / "out", monkeypatch).is_completed()
    assert names(tmp_path / "out", "records") == ["bad.txt", "good.txt"]


def test_what_a_store_refuses_is_a_reject_and_not_asked_for_over_and_over(
    store, tmp_path, monkeypatch
) -> None:
    store.status, store.failures = "403 Forbidden", 1_000_000
    assert run(tmp_path / "out", monkeypatch).is_completed()
    assert store.asked == ["HEAD", "HEAD"]  # when the run is planned, and when the file is read
    assert names(tmp_path / "out", "records") == ["good.txt"]
    assert names(tmp_path / "out", "rejects") == ["bad.txt"]


def test_pauses_grow_and_are_jittered() -> None:
    from flows.clean_corpus import clean, read

    for task in (clean, read):
        assert task.retry_delay_seconds == [2, 4, 8]
        assert task.retry_jitter_factor == 0.5
