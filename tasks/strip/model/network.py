"""The line model itself: a small dilated convolution over the lines of a document, evaluated in numpy.

    features -> dense -> [residual convolution over 3 lines, dilated 1, 2, 4, 8, 16] -> probability of main text

Each layer is one matrix product over all lines of the batch. A line sees 31 lines on either side, so that short
lines inside the article are judged by their company, and so are long ones in a list of teasers.
"""

import functools
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.strip.lines import Ints
from tasks.strip.model.features import Floats

WEIGHTS = Path(__file__).parent / "weights.npz"
#: Of the network that hears what HTML tells of a line as well.
WEIGHTS_FOR_HTML = Path(__file__).parent / "weights_html.npz"
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

    def probabilities(self, features: Floats, offsets: Ints) -> Floats:
        """Probability that each line is main text. `features`: (lines, features); `offsets`: where documents begin."""
        if not len(features):
            return np.zeros(0, np.float32)
        # Features are standardised by the first layer's own weights.
        dense = self.scale[:, None] * self.dense
        bias = self.dense_bias - self.mean @ dense
        # A few documents at a time, so that what is computed of them stays near the processor.
        portion = np.diff(offsets[:-1] // _ROWS, prepend=-1)
        firsts = np.append(np.flatnonzero(portion), len(offsets) - 1)
        return np.concatenate(
            [
                self._probabilities(
                    features[offsets[a] : offsets[b]] @ dense + bias, offsets[a : b + 1] - offsets[a]
                )
                for a, b in itertools.pairwise(firsts.tolist())
            ]
        )

    def _probabilities(self, seen: Floats, offsets: Ints) -> Floats:
        """`seen`: the first layer of lines, before it is rectified."""
        n, width = seen.shape
        doc = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        rows = np.arange(n) + (doc + 1) * GAP
        hidden = np.zeros((n + len(offsets) * GAP, width), np.float32)
        hidden[rows] = np.maximum(seen, 0)
        empty = np.ones(len(hidden), np.bool_)
        empty[rows] = False
        for dilation, block, bias in zip(DILATIONS, self.blocks, self.biases, strict=True):
            parts = hidden @ block
            update = parts[:, width : 2 * width] + bias
            update[dilation:] += parts[:-dilation, :width]
            update[:-dilation] += parts[dilation:, 2 * width :]
            hidden += np.maximum(update, 0, out=update)
            hidden[empty] = 0
        logits = hidden[rows] @ self.head + self.head_bias
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


@functools.cache
def shipped() -> Network:
    """The network that the package ships."""
    return Network.read(WEIGHTS)


@functools.cache
def shipped_for_html() -> Network:
    """The network that the package ships for texts with hints (tasks.strip.model.markup)."""
    return Network.read(WEIGHTS_FOR_HTML)
