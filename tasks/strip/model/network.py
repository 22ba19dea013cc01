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

from tasks.strip.lines import Floats, Ints
from tasks.strip.lines.tiles import rows_of

DILATIONS = (1, 2, 4, 8, 16)
# Empty rows between documents, so that no line sees another document's.
GAP = max(DILATIONS)
# Lines that are judged at a time, more or less.
_ROWS = 3_000


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
            rows, size = rows_of(offsets[a : b + 1], GAP)
            line = np.zeros(size, np.int64)  # what stands in the gaps is left out of account below
            line[rows] = np.arange(offsets[a], offsets[b])
            seen = np.concatenate([np.take(block.T, line, axis=1, mode="clip") for block in features])
            parts.append(self._probabilities(seen.T @ dense + bias, rows))
        return np.concatenate(parts)

    def _probabilities(self, seen: Floats, rows: Ints) -> Floats:
        """`seen`: the first layer, before it is rectified, of lines at `rows` and of nothing between them."""
        width = seen.shape[1]
        empty = np.ones(len(seen), np.bool_)
        empty[rows] = False
        hidden = np.maximum(seen, 0, out=seen)
        hidden[empty] = 0
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
