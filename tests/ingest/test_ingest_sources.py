"""What a user can name: files, folders, globs and objects in a store."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.ingest import SourceNotFound, list_sources
from tasks.site import site_of
from tests.ingest.ingest_inputs import json_lines, read_all, write


@pytest.fixture
def tree(tmp_path, monkeypatch) -> Path:
    for name in (
        "a.txt",
        "b.html",
        "sub/c.txt",
        "sub/deep/d.txt",
        ".hidden/e.txt",
        "sub/.f.txt",
        "odd[1].txt",
    ):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(f"Text of {name}.")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "in"


def _names(*given: str) -> list[str]:
    return [source.path for source in list_sources(given)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("in", ["in/a.txt", "in/b.html", "in/odd[1].txt", "in/sub/c.txt", "in/sub/deep/d.txt"]),
        ("./in/sub/", ["in/sub/c.txt", "in/sub/deep/d.txt"]),
        ("in/*.txt", ["in/a.txt", "in/odd[1].txt"]),
        ("in/[ab].*", ["in/a.txt", "in/b.html"]),
        ("in/**/*.txt", ["in/a.txt", "in/odd[1].txt", "in/sub/c.txt", "in/sub/deep/d.txt"]),
        ("in/**/deep", ["in/sub/deep/d.txt"]),
        ("in/s*", ["in/sub/c.txt", "in/sub/deep/d.txt"]),
        ("in/odd[1].txt", ["in/odd[1].txt"]),
        ("in/sub/.f.txt", ["in/sub/.f.txt"]),
    ],
)
def test_local_names(tree, given, expected):
    assert _names(given) == expected


def test_each_file_once_in_order(tree):
    assert _names("in/sub", "in/sub/c.txt", str(tree / "a.txt"), "in") == sorted(
        [str(tree / "a.txt"), "in/b.html", "in/odd[1].txt", "in/sub/c.txt", "in/sub/deep/d.txt"]
    )


@pytest.mark.parametrize("given", ["in", "in/*", "in/**/*.*", "in/../in"])
def test_an_output_below_a_source_is_passed_over(tree, given):
    write(tree / "out" / "records" / "a.parquet", b"PAR1")
    (tree / "link").symlink_to(tree / "out")
    assert not any("parquet" in source.path for source in list_sources([given], output="in/out"))
    assert any("parquet" in source.path for source in list_sources([given], output="elsewhere"))


def test_what_is_named_in_the_output_is_read_and_the_output_itself_refused(tree):
    write(tree / "out" / "records" / "a.parquet", b"PAR1")
    for given in ("in/out/records", "in/out/records/*.parquet", "in/out/records/a.parquet"):
        assert [s.path for s in list_sources([given], output="in/out")] == ["in/out/records/a.parquet"]
    with pytest.raises(SourceNotFound, match="this is the output folder"):
        list_sources([str(tree / "out")], output="in/out")


@pytest.mark.parametrize("given", ["nowhere", "in/*.pdf", "in/**/*.pdf", "gopher://host/x"])
def test_a_name_for_nothing_is_an_error_that_says_so(tree, given):
    with pytest.raises(SourceNotFound) as caught:
        list_sources(["in", given])
    assert caught.value.name == given
    assert caught.value.hint


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(SourceNotFound, match="no file below"):
        list_sources([str(tmp_path)])


def test_loops_of_links_end(tree):
    (tree / "sub" / "loop").symlink_to(tree)
    (tree / "self").symlink_to("self")
    names = _names("in", "in/**/*.txt")
    assert len(names) == len({os.path.realpath(name) for name in names})
    assert sum(name.endswith("d.txt") for name in names) == 1


def test_names_that_are_no_utf8_can_be_read_and_stored(tree):
    Path(os.fsdecode(os.fsencode(tree) + b"/caf\xe9.txt")).write_text("Coffee.")
    documents, rejects = read_all(tree)
    assert rejects == []
    (odd,) = [d for d in documents if d["text"] == "Coffee."]
    assert odd["source"].startswith("file://") and odd["source"].endswith("caf%E9.txt")


def test_size_fingerprint_and_folder(tree):
    (before,) = list_sources(["in/a.txt"])
    assert (before.size, before.folder) == (14, "in")
    os.utime(tree / "a.txt", ns=(1, 1))
    (after,) = list_sources(["in/a.txt"])
    assert after.fingerprint != before.fingerprint
    assert list_sources([str(tree / "a.txt")])[0].fingerprint == after.fingerprint


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.news.co.uk/a?b", "news.co.uk"),
        ("http://Blog.Example.COM:8080", "example.com"),
        ("https://a.b.c.nosuchsuffix/", "c.nosuchsuffix"),
        ("http://192.168.1.7/x", "192.168.1.7"),
        ("http://[2001:db8::1]/", "2001:db8::1"),
        ("http://localhost/", "localhost"),
        ("example.org/page", "example.org"),
        ("https://bücher.example.de/", "example.de"),
        ("https://www.Bücher.de/", "bücher.de"),
        ("https://www.xn--bcher-kva.de/", "bücher.de"),
        ("https://straße.de/", "straße.de"),
        ("https://xn--strae-oqa.de/", "straße.de"),
        ("http://xn--e1afmkfd.xn--p1ai/x", "пример.рф"),
        ("http://новости.пример.рф/", "пример.рф"),
        ("http://news.हिन्दी.भारत/", "हिन्दी.भारत"),
        ("https://news。例子。测试/", "例子.测试"),
        ("https://ｗｗｗ．ｅｘａｍｐｌｅ．ｃｏｍ/", "example.com"),
        ("https://a℀b.example/", None),  # which would have a slash in it
        ("https://xn--9/", "xn--9"),
        ("//example.org/x", "example.org"),
        ("user_pages.example.org:8080", "example.org"),
        ("not a url", None),
        ("https://exa mple.com/", None),
        ("https://a..example/", None),
        ("https://xn--a b/", None),
        ("https://\ufffdx.example/", None),
        (f"https://{'a' * 64}.example/", None),
        (f"https://{'a.' * 126}example/", None),
        ("https://<b>.example/", None),
        ("javascript:void(0)", None),
        ("javascript:alert('a.b')", None),
        ("mailto:editor@example.org", None),
        ("about:blank", None),
        ("/sports/1", None),
        ("https:///x", None),
        ("", None),
        (None, None),
        ("http://[broken", None),
    ],
)
def test_sites(url, site):
    assert site_of(url) == site


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """A real S3 server on this machine with a bucket of files."""
    server_module = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        client = boto3.client("s3")
        client.create_bucket(Bucket="crawl")
        lines = json_lines([{"id": f"d{i}", "text": f"Page {i}."} for i in range(500)])
        client.put_object(Bucket="crawl", Key="2024/news/a.jsonl.gz", Body=gzip.compress(b"".join(lines)))
        client.put_object(Bucket="crawl", Key="2024/news/b.txt", Body=b"Plain.")
        client.put_object(Bucket="crawl", Key="2024/other/c.txt", Body=b"Other.")
        client.put_object(Bucket="crawl", Key="2024/.hidden/d.txt", Body=b"Hidden.")
        yield "s3://crawl"
    server.stop()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/2024", ["2024/news/a.jsonl.gz", "2024/news/b.txt", "2024/other/c.txt"]),
        ("/2024/news/", ["2024/news/a.jsonl.gz", "2024/news/b.txt"]),
        ("/2024/*/*.txt", ["2024/news/b.txt", "2024/other/c.txt"]),
        ("/**/*.gz", ["2024/news/a.jsonl.gz"]),
        ("/2024/n*", ["2024/news/a.jsonl.gz", "2024/news/b.txt"]),
        ("/2024/news/b.txt", ["2024/news/b.txt"]),
    ],
)
def test_names_in_an_object_store(store, given, expected):
    sources = list_sources([store + given])
    assert [source.path for source in sources] == [f"{store}/{name}" for name in expected]
    assert all(source.size > 0 and source.fingerprint for source in sources)


@pytest.mark.parametrize("given", ["s3://crawl/nowhere", "s3://crawl/*.pdf", "s3://no-such-bucket/x"])
def test_nothing_in_an_object_store(store, given):
    with pytest.raises(SourceNotFound) as caught:
        list_sources([given])
    assert caught.value.name == given


@pytest.mark.parametrize("shard_bytes", [64 << 20, 2000])
def test_reading_from_an_object_store(store, shard_bytes):
    documents, rejects = read_all(list_sources([store + "/2024"]), shard_bytes=shard_bytes)
    assert rejects == []
    assert [d["doc_id"] for d in documents[:500]] == [f"d{i}" for i in range(500)]
    assert [(d["text"], d["site"]) for d in documents[500:]] == [("Plain.", "news"), ("Other.", "other")]
