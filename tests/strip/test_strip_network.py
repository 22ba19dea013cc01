"""The network: its weights are plain arrays, and a document is judged alone, whatever the batch."""

import itertools
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tasks.strip.body import find_body
from tasks.strip.claims import claim
from tasks.strip.lines import Lines
from tasks.strip.match import matcher
from tasks.strip.model.features import features
from tasks.strip.model.network import DILATIONS, WEIGHTS, Network, shipped
from tasks.strip.rules import load_rules
from tasks.strip.structure import judge

INPUTS, WIDTH = 5, 4


@pytest.fixture
def network() -> Network:
    choose = np.random.default_rng(3)

    def some(*shape: int) -> np.ndarray:
        return choose.normal(scale=0.5, size=shape).astype(np.float32)

    return Network(
        mean=some(INPUTS),
        scale=some(INPUTS),
        dense=some(INPUTS, WIDTH),
        dense_bias=some(WIDTH),
        blocks=tuple(some(WIDTH, 3 * WIDTH) for _ in DILATIONS),
        biases=tuple(some(WIDTH) for _ in DILATIONS),
        head=some(WIDTH),
        head_bias=some(1),
    )


def test_weights_come_back_as_they_were_saved(network: Network, tmp_path: Path) -> None:
    network.save(tmp_path / "weights.npz")
    again = Network.read(tmp_path / "weights.npz")
    for field in fields(Network):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(network, field.name))


def test_weights_that_hold_a_pickle_are_refused(network: Network, tmp_path: Path) -> None:
    network.save(tmp_path / "weights.npz")
    with np.load(tmp_path / "weights.npz") as saved:
        arrays = dict(saved)
    arrays["mean"] = np.array([{"code": "any"}], dtype=object)
    np.savez(tmp_path / "pickled.npz", **arrays)
    with pytest.raises(ValueError, match="allow_pickle"):
        Network.read(tmp_path / "pickled.npz")


def test_the_shipped_weights_are_plain_arrays() -> None:
    with zipfile.ZipFile(WEIGHTS) as archive:
        assert {Path(name).suffix for name in archive.namelist()} == {".npy"}
    with np.load(WEIGHTS, allow_pickle=False) as arrays:
        assert all(np.isfinite(arrays[name]).all() for name in arrays.files)


def test_documents_do_not_see_each_other(network: Network) -> None:
    sizes = [1, 7, 0, 40, 2]
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    rows = np.random.default_rng(4).normal(size=(offsets[-1], INPUTS)).astype(np.float32)
    together = network.probabilities(rows, offsets)
    for first, last in itertools.pairwise(offsets):
        alone = network.probabilities(rows[first:last], np.array([0, last - first]))
        np.testing.assert_allclose(together[first:last], alone, rtol=1e-4, atol=1e-6)


def test_lines_of_one_document_do_see_each_other(network: Network) -> None:
    rows = np.random.default_rng(4).normal(size=(20, INPUTS)).astype(np.float32)
    apart = network.probabilities(rows, np.arange(21))
    assert np.abs(network.probabilities(rows, np.array([0, 20])) - apart).max() > 0.01


def test_a_batch_without_lines_has_no_probabilities(network: Network) -> None:
    assert network.probabilities(np.zeros((0, INPUTS), np.float32), np.array([0, 0, 0])).shape == (0,)


def test_the_shipped_network_takes_what_features_makes() -> None:
    lines = Lines(pa.array(["Most read\nThe ferry is back in the harbour.", ""], pa.large_string()))
    rules = load_rules()
    claims = claim(lines, matcher(rules))
    body = find_body(lines, claims, [None, None])
    seen = features(lines, claims, body, judge(lines, claims, body, [rule.id for rule in rules]))
    assert seen.shape == (2, len(shipped().dense))
    assert len(shipped().mean) == len(shipped().scale) == seen.shape[1]
    probabilities = shipped().probabilities(seen, lines.offsets)
    assert ((probabilities > 0) & (probabilities < 1)).all()
