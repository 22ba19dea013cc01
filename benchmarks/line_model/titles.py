"""Training of the title finder: pages whose title is known, each with its candidate lines and which of them it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from benchmarks.line_model.samples import Page
from tasks.strip.body import article
from tasks.strip.claims import claim
from tasks.strip.fold import fold
from tasks.strip.lines import Bools, Lines
from tasks.strip.match import matcher
from tasks.strip.model.title import Floats, Titles, candidates
from tasks.strip.rules import load_rules

_BATCH = 256
_WIDTH, _EPOCHS, _PAGES_A_STEP = 64, 40, 64
_RATE, _DECAY, _DROPOUT = 4e-3, 0.1, 0.4
# Hand-labelled pages count more than titles told by a page's head, and each data set's many guides and shops less.
_MARKED, _TOLD, _OTHER_TYPES = 3.0, 1.0, 0.5
_SEPARATORS = (" - ", " | ", " · ", " – ", " — ", ": ", " » ")
_LEAST_WORDS = 3


@dataclass(frozen=True, slots=True)
class TitleSample:
    """A page's candidates: `features` (lines, features), `right` the lines that say the title; none right where the
    text holds no title."""

    page: Page
    features: Floats
    right: Bools
    weight: float
    lines: tuple[str, ...]


def title_samples(pages: Sequence[Page]) -> Iterator[TitleSample]:
    """The pages of which it is known what their title is, and that it stands in the text or does not."""
    match = matcher(load_rules())
    for start in range(0, len(pages), _BATCH):
        batch = pages[start : start + _BATCH]
        lines = Lines(pa.array([page.text for page in batch], pa.large_string()))
        claims = claim(lines, match)
        found = article(lines, claims)
        at, seen = candidates(lines, claims, found.first, found.spread)
        doc, key, text = lines.doc[at], lines.key[at], lines.text.take(pa.array(at)).to_pylist()
        for number, page in enumerate(batch):
            own = np.flatnonzero(doc == number)
            if not len(own) or not (page.marked or page.title):
                continue
            said = page.titles if page.marked else _parts(page.title or "")
            names = set(fold(pa.array(sorted(said), pa.large_string())).to_pylist())
            folded = lines.folded.take(pa.array(key[own])).to_pylist()
            right = np.array([line in names for line in folded])
            if right.any() or (page.marked and not said):
                weight = _MARKED if page.marked else _TOLD
                if page.page_type not in ("", "article"):
                    weight *= _OTHER_TYPES
                yield TitleSample(page, seen[own], right, weight, tuple(text[i] for i in own))


def share_right(titles: Titles, samples: Sequence[TitleSample]) -> float:
    """Share of the pages whose title is found, or rightly not found."""
    right = 0
    for sample in samples:
        score = titles.scores(sample.features)
        best = int(np.argmax(score))
        right += bool(sample.right[best]) if score[best] > 0 else not sample.right.any()
    return right / max(len(samples), 1)


def _parts(title: str) -> set[str]:
    """The title, and what is left of it without the name of its site."""
    parts = {title}
    for mark in _SEPARATORS:
        if mark in title:
            parts |= {title.rsplit(mark, 1)[0].strip(), title.split(mark, 1)[1].strip()}
    return {part for part in parts if part == title or len(part.split()) >= _LEAST_WORDS}


def fit_titles(samples: Sequence[TitleSample], *, seed: int) -> Titles:
    """Train the finder; the same samples and seed give the same weights. Raises ValueError for no samples."""
    if not samples:
        raise ValueError("no titles to train on")
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    choose = np.random.default_rng(seed)
    every = np.concatenate([sample.features for sample in samples])
    mean, scale = every.mean(0), 1 / np.maximum(every.std(0), 0.05)
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
                target = np.append(sample.right, not sample.right.any())
                loss = loss + sample.weight * (
                    torch.logsumexp(own, 0) - torch.logsumexp(own[torch.from_numpy(target)], 0)
                )
            optimiser.zero_grad()
            torch.autograd.backward(loss / len(chosen))
            optimiser.step()
            schedule.step()
    weights: dict[str, npt.NDArray] = {name: value.detach().numpy() for name, value in net.named_parameters()}
    return Titles(
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        hidden=weights["0.weight"].T.copy(),
        hidden_bias=weights["0.bias"].copy(),
        head=weights["3.weight"][0].copy(),
        head_bias=weights["3.bias"].copy(),
    )
