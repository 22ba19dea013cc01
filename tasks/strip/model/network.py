"""The networks of the line model: small dilated convolutions over the lines of a document, evaluated in numpy.

    features -> dense -> [residual convolution over 3 lines, dilated 1, 2, 4, 8, 16] -> probability of main text

Each layer is one matrix product over the lines of a few documents. A line sees 31 lines on either side, so that short
lines inside the article are judged by their company, and so are long ones in a list of teasers.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.strip.lines import Ints
from tasks.strip.model.features import Floats
from tasks.strip.model.tiles import tiled

DILATIONS = (1, 2, 4, 8, 16)
# Empty rows between documents, so that no line sees another document's.
GAP = max(DILATIONS)
# Lines that are judged at a time, more or less.
_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Network:
    """Weights: `dense` (features, width), each of `blocks` (width, 3 * width) for the lines before, at and after."""

    mean: Floats
    scale: Floats
    dense: Floats
    dense_bias: Floats
    blocks: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    head: Floats
    head_bias: Floats

    def probabilities(self, features: Sequence[Floats], offsets: Ints) -> Floats:
        """Probability that each line is main text. `features`: blocks of (lines, columns) that stand side by side;
        `offsets`: where documents begin."""
        if not offsets[-1]:
            return np.zeros(0, np.float32)
        # Features are standardised by the first layer's own weights.
        dense = self.scale[:, None] * self.dense
        bias = self.dense_bias - self.mean @ dense
        # A few documents at a time, so that what is computed of them stays near the processor.
        portion = np.diff(offsets[:-1] // _ROWS, prepend=-1)
        firsts = np.append(np.flatnonzero(portion), len(offsets) - 1)
        parts = []
        for a, b in itertools.pairwise(firsts.tolist()):
            first, last = offsets[a], offsets[b]
            side_by_side = np.zeros((len(dense), tiled(last - first)), np.float32)
            np.concatenate([block[first:last].T for block in features], out=side_by_side[:, : last - first])
            seen = side_by_side.T @ dense + bias
            parts.append(self._probabilities(seen, offsets[a : b + 1] - first))
        return np.concatenate(parts)

    def _probabilities(self, seen: Floats, offsets: Ints) -> Floats:
        """`seen`: the first layer of lines, before it is rectified."""
        n, width = int(offsets[-1]), seen.shape[1]
        doc = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        rows = np.arange(n) + (doc + 1) * GAP
        hidden = np.zeros((tiled(n + len(offsets) * GAP), width), np.float32)
        hidden[rows] = np.maximum(seen[:n], 0)
        empty = np.ones(len(hidden), np.bool_)
        empty[rows] = False
        for dilation, block, bias in zip(DILATIONS, self.blocks, self.biases, strict=True):
            parts = hidden @ block
            update = parts[:, width : 2 * width] + bias
            update[dilation:] += parts[:-dilation, :width]
            update[:-dilation] += parts[dilation:, 2 * width :]
            hidden += np.maximum(update, 0, out=update)
            hidden[empty] = 0
        logits = (hidden @ self.head)[rows] + self.head_bias
        probabilities: Floats = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        return probabilities

    def save(self, path: Path) -> None:
        """Write the weights as plain arrays (no pickles)."""
        arrays = {
            name: getattr(self, name)
            for name in ("mean", "scale", "dense", "dense_bias", "head", "head_bias")
        }
        arrays |= {f"block_{i}": block for i, block in enumerate(self.blocks)}
        arrays |= {f"bias_{i}": bias for i, bias in enumerate(self.biases)}
        np.savez(path, **arrays)

    @classmethod
    def read(cls, path: Path) -> "Network":
        """Read weights that `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            layers = range(len(DILATIONS))
            return cls(
                **{
                    name: arrays[name]
                    for name in ("mean", "scale", "dense", "dense_bias", "head", "head_bias")
                },
                blocks=tuple(arrays[f"block_{i}"] for i in layers),
                biases=tuple(arrays[f"bias_{i}"] for i in layers),
            )
