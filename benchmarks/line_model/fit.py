"""Training: samples in, a network in numpy out."""

from collections.abc import Sequence

import numpy as np
import torch

from benchmarks.line_model.samples import Page, Sample
from tasks.strip.lines import Floats
from tasks.strip.model.network import DILATIONS, GAP, Network

# How far each data set's labels are to be trusted, and how much its pages are like those to come: hand-marked lines
# and hand-written parsers of news sites count most; snippets with a teacher and mere samples least.
DATASET_WEIGHTS = {
    "labelled": 4.0,
    "fundus": 2.0,
    "wcxb_dev": 1.0,
    "mozilla_readability": 0.7,
    "newspaper4k": 0.7,
    "trafilatura_evaldata": 0.5,
    "webmainbench_sample": 0.5,
}
# Of these, pages that are no articles count less: their main text is no running text.
_BY_PAGE_TYPE, OTHER_TYPES = "wcxb", 0.35
# Renderings of a page say much the same: together they are not to count as so many pages.
RENDERING_WEIGHTS = {
    "raw": 1.0,
    "labelled": 1.0,
    "inscriptis": 0.7,
    "compact": 0.5,
    "cut": 0.5,
    "glued": 0.6,
    "html": 1.0,
    "main_column": 0.3,
    "pieces": 0.5,
    "sentences": 0.5,
    "unspaced": 0.5,
}

_WIDTH = 32
_PAGES_A_STEP = 32
_RATE, _DECAY, _WARMING = 4e-3, 1e-3, 0.15
_DROPOUT = 0.15
_FEATURE_DROPOUT = 0.1  # whole columns, so that the model leans on none of them
_SMOOTHING = 0.02
_LONGEST = 3_000  # lines; longer pages are measured with the others but not trained on
_FULL_WEIGHT_LINES, _FULL_WEIGHT_WORDS = 5, 40
_LEAST_DEVIATION = 0.05  # a column that hardly varies is not blown up


class _Net(torch.nn.Module):
    """`tasks.strip.model.network.Network` in torch."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.dense = torch.nn.Linear(features, _WIDTH)
        self.convolutions = torch.nn.ModuleList(
            torch.nn.Conv1d(_WIDTH, _WIDTH, 3, dilation=d, padding=d) for d in DILATIONS
        )
        self.head = torch.nn.Linear(_WIDTH, 1)

    def forward(self, x: torch.Tensor, filled: torch.Tensor) -> torch.Tensor:
        """Logits of rows (rows, features); `filled` is 0 for the rows between pages."""
        hidden = torch.nn.functional.dropout(torch.relu(self.dense(x)), _DROPOUT, self.training)
        hidden = hidden * filled[:, None]
        for convolution in self.convolutions:
            update = torch.relu(convolution(hidden.t()[None])[0].t())
            update = torch.nn.functional.dropout(update, _DROPOUT, self.training)
            hidden = (hidden + update) * filled[:, None]
        logits: torch.Tensor = self.head(hidden)[:, 0]
        return logits


def fit(samples: Sequence[Sample], *, seed: int, epochs: int) -> Network:
    """Train a network on `samples`; the same samples and seed give the same weights. Raises ValueError for none."""
    if not samples:
        raise ValueError("no pages to train on")
    torch.set_num_threads(1)  # sums in one order
    torch.manual_seed(seed)
    choose = np.random.default_rng(seed)
    every = np.concatenate([sample.features for sample in samples]).astype(np.float32)
    mean, scale = every.mean(0), 1 / np.maximum(every.std(0), _LEAST_DEVIATION)
    del every

    pages = [sample for sample in samples if len(sample.label) < _LONGEST]
    weights = [_line_weights(sample) for sample in pages]
    net = _Net(len(mean))
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    steps = -(-len(pages) // _PAGES_A_STEP)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, _RATE, total_steps=epochs * steps, pct_start=_WARMING
    )
    for epoch in range(epochs):
        order, total = choose.permutation(len(pages)), 0.0
        for start in range(0, len(order), _PAGES_A_STEP):
            chosen = order[start : start + _PAGES_A_STEP]
            x, y, weight, filled = _batch(
                [pages[i] for i in chosen], [weights[i] for i in chosen], mean, scale
            )
            x = x * (torch.rand(1, x.shape[1]) > _FEATURE_DROPOUT).float()
            losses = torch.nn.functional.binary_cross_entropy_with_logits(
                net(x, filled), y * (1 - _SMOOTHING) + _SMOOTHING / 2, reduction="none"
            )
            loss = (losses * weight).sum() / len(chosen)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1} of {epochs}: loss {total / steps:.4f}", flush=True)
    return _network(net, mean, scale)


def page_weight(page: Page) -> float:
    """How much one rendering of a page counts. Unknown data sets count 1."""
    weight = DATASET_WEIGHTS.get(page.dataset, 1.0) * RENDERING_WEIGHTS[page.kind]
    other = page.dataset.startswith(_BY_PAGE_TYPE) and page.page_type != "article"
    return weight * OTHER_TYPES if other else weight


def _line_weights(sample: Sample) -> Floats:
    """They add up to the page's weight, whatever its length; long lines count more than short ones."""
    words = np.minimum(sample.words, _FULL_WEIGHT_WORDS) / _FULL_WEIGHT_WORDS
    own = sample.weight * (0.25 + words)
    share = min(1.0, len(own) / _FULL_WEIGHT_LINES)
    weights: Floats = own / max(own.sum(), 1e-6) * page_weight(sample.page) * share
    return weights


def _batch(
    pages: Sequence[Sample], weights: Sequence[Floats], mean: Floats, scale: Floats
) -> list[torch.Tensor]:
    """Features, labels, weights and mask of pages one below the other, with GAP empty rows around each."""
    rows = sum(len(page.label) for page in pages) + GAP * (len(pages) + 1)
    x = np.zeros((rows, len(mean)), np.float32)
    y, weight, filled = (np.zeros(rows, np.float32) for _ in range(3))
    at = GAP
    for page, own in zip(pages, weights, strict=True):
        here = slice(at, at + len(own))
        x[here] = (page.features.astype(np.float32) - mean) * scale
        y[here], weight[here], filled[here] = page.label, own, 1
        at = here.stop + GAP
    return [torch.from_numpy(array) for array in (x, y, weight, filled)]


def _network(net: _Net, mean: Floats, scale: Floats) -> Network:
    weights = {name: value.detach().numpy() for name, value in net.named_parameters()}
    layers = range(len(DILATIONS))
    return Network(
        mean=mean,
        scale=scale.astype(np.float32),
        dense=weights["dense.weight"].T.copy(),
        dense_bias=weights["dense.bias"].copy(),
        blocks=tuple(
            np.concatenate(list(weights[f"convolutions.{i}.weight"].transpose(2, 1, 0)), axis=1)
            for i in layers
        ),
        biases=tuple(weights[f"convolutions.{i}.bias"].copy() for i in layers),
        head=weights["head.weight"][0].copy(),
        head_bias=weights["head.bias"].copy(),
    )
