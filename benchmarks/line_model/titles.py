"""Training of the title finder: pages whose title is known, each with its candidate lines and which of them it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from benchmarks.line_model.samples import BRIEF, Page
from tasks.strip.lines import Bools, Floats, Lines
from tasks.strip.lines.fold import fold
from tasks.strip.rules import load_rules
from tasks.strip.rules.claims import claim
from tasks.strip.rules.match import matcher
from tasks.strip.structure.body import article
from tasks.strip.structure.title import Titles, bar, candidates

_BATCH = 256
_NETWORKS, _WIDTH, _EPOCHS, _PAGES_A_STEP = 3, 64, 20, 64
_RATE, _DECAY, _DROPOUT = 4e-3, 0.1, 0.4
# Hand-labelled pages count more than titles told by a page's head, guides, shops and brief
# texts less.
_MARKED, _TOLD, _OTHER_TYPES, _BRIEF = 3.0, 1.0, 0.5, 0.3
_SEPARATORS = (" - ", " | ", " · ", " – ", " — ", ": ", " » ")
_LEAST_WORDS = 3


@dataclass(frozen=True, slots=True)
class TitleSample:
    """A page's candidates: `features` (lines, features), the `bar` of each, `right` those that say the title; `titled`
    whether the text says it at all. A titled page without a right candidate is there to be counted, and not learnt from."""

    page: Page
    features: Floats
    bar: Floats
    right: Bools
    titled: bool
    weight: float


def title_samples(pages: Sequence[Page]) -> Iterator[TitleSample]:
    """The pages of which it is known what their title is, and that it stands in the text or does not."""
    match = matcher(load_rules())
    for start in range(0, len(pages), _BATCH):
        batch = pages[start : start + _BATCH]
        lines = Lines(pa.array([page.text for page in batch], pa.large_string()))
        claims = claim(lines, match)
        found = article(lines, claims)
        at, seen = candidates(lines, claims, found.first, found.spread)
        doc, key, bars = lines.doc[at], lines.key[at], bar(lines.shape.full_stop[at])
        for number, page in enumerate(batch):
            own = np.flatnonzero(doc == number)
            if not len(own) or (page.titles is None and not page.title):
                continue
            said = _parts(page.title or "") if page.titles is None else page.titles
            names = set(fold(pa.array(sorted(said), pa.large_string())).to_pylist())
            folded = lines.folded.take(pa.array(key[own])).to_pylist()
            right = np.array([line in names for line in folded])
            if right.any() or page.titles is not None:
                weight = _MARKED if page.marked else _TOLD
                if page.page_type not in ("", "article"):
                    weight *= _OTHER_TYPES
                if page.kind == BRIEF:
                    weight *= _BRIEF
                yield TitleSample(page, seen[own], bars[own], right, bool(said), weight)


def share_right(titles: Titles, samples: Sequence[TitleSample]) -> float:
    """Share of the pages whose title is found, or rightly not found."""
    right = 0
    for sample in samples:
        score = titles.scores(sample.features, np.array([0, len(sample.features)]))
        enough = score > sample.bar
        best = int(np.argmax(np.where(enough, score, -np.inf)))
        right += bool(sample.right[best]) if enough[best] else not sample.titled
    return right / max(len(samples), 1)


def _parts(title: str) -> set[str]:
    """The title, and what is left of it without the name of its site."""
    parts = {title}
    for mark in _SEPARATORS:
        if mark in title:
            parts |= {title.rsplit(mark, 1)[0].strip(), title.split(mark, 1)[1].strip()}
    return {part for part in parts if part == title or len(part.split()) >= _LEAST_WORDS}


def fit_titles(samples: Sequence[TitleSample], *, seed: int) -> Titles:
    """Train the finder; the same samples and seed give the same weights. Raises ValueError for no samples.

    It is the mean of a few networks, side by side in one: by itself each is right on other pages.
    """
    samples = [sample for sample in samples if sample.right.any() or not sample.titled]
    if not samples:
        raise ValueError("no titles to train on")
    torch.set_num_threads(1)
    every = np.concatenate([sample.features for sample in samples])
    mean, scale = every.mean(0), 1 / np.maximum(every.std(0), 0.05)
    nets = [_fit(samples, mean, scale, seed=seed * _NETWORKS + number) for number in range(_NETWORKS)]
    return Titles(
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        hidden=np.concatenate([net["0.weight"].T for net in nets], axis=1),
        hidden_bias=np.concatenate([net["0.bias"] for net in nets]),
        head=np.concatenate([net["3.weight"][0] for net in nets]) / np.float32(_NETWORKS),
        head_bias=np.mean([net["3.bias"] for net in nets], axis=0, dtype=np.float32),
    )


def _fit(samples: Sequence[TitleSample], mean: Floats, scale: Floats, *, seed: int) -> dict[str, npt.NDArray]:
    """The weights of one network, by the names that torch gives them."""
    torch.manual_seed(seed)
    choose = np.random.default_rng(seed)
    net = torch.nn.Sequential(
        torch.nn.Linear(len(mean), _WIDTH),
        torch.nn.ReLU(),
        torch.nn.Dropout(_DROPOUT),
        torch.nn.Linear(_WIDTH, 1),
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    steps = -(-len(samples) // _PAGES_A_STEP)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=_EPOCHS * steps)
    for _ in range(_EPOCHS):
        order = choose.permutation(len(samples))
        for start in range(0, len(order), _PAGES_A_STEP):
            chosen = [samples[i] for i in order[start : start + _PAGES_A_STEP]]
            x = torch.from_numpy(
                np.concatenate([(s.features - mean) * scale for s in chosen]).astype(np.float32)
            )
            logits = net(x)[:, 0]
            loss, first = torch.zeros(()), 0
            for sample in chosen:
                own = torch.cat((logits[first : first + len(sample.right)], torch.zeros(1)))
                first += len(sample.right)
                target = np.append(sample.right, not sample.titled)
                loss = loss + sample.weight * (
                    torch.logsumexp(own, 0) - torch.logsumexp(own[torch.from_numpy(target)], 0)
                )
            optimiser.zero_grad()
            torch.autograd.backward(loss / len(chosen))
            optimiser.step()
            schedule.step()
    return {name: value.detach().numpy() for name, value in net.named_parameters()}
