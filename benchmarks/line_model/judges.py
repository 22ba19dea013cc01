"""Training by what networks say of pages that they have not seen: which labels to doubt, and what the second look sees."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

import numpy as np
import pyarrow as pa

from benchmarks.line_model.samples import Sample
from tasks.strip.lines import Floats, Lines
from tasks.strip.model.main_text import Judges, both
from tasks.strip.model.network import Network
from tasks.strip.model.second_look import second_look
from tasks.strip.structure.words import spread

_BATCH = 256
# A network is sure of a line from here up, or as much below 1; how much of its weight a label keeps that says the contrary.
_SURE, _DOUBTED = 0.9, 0.2
# What is to be learnt from, for workers, which are forked and find it here.
_choices: list[Sequence[Sample]] = []


def fit_all(choices: Sequence[Sequence[Sample]], *, seed: int, epochs: int, jobs: int) -> list[Network]:
    """A network of each choice of samples; the same ones, whatever the number of `jobs`."""
    _choices[:] = choices
    one, numbers = partial(_fit, seed=seed, epochs=epochs), range(len(choices))
    try:
        if jobs == 1:
            return [*map(one, numbers)]
        with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
            return [*pool.map(one, numbers)]
    finally:
        _choices.clear()


def _fit(number: int, *, seed: int, epochs: int) -> Network:
    # Here, so that the help of the command needs no torch.
    from benchmarks.line_model.fit import fit

    return fit(_choices[number], seed=seed, epochs=epochs)


def judged(network: Network, sample: Sample) -> Floats:
    """Probability of main text of each line of a sample."""
    return network.probabilities([sample.features.astype(np.float32)], np.array([0, len(sample.label)]))


def doubted(samples: Sequence[Sample], main: Sequence[Floats]) -> list[Sample]:
    """The samples with little weight on labels whose contrary a network is sure of. `main`: what networks say that have not
    seen the page.

    Gold texts end early, leave out a list, or go on into what stands below: what nobody can know of a page is not to be
    learnt. Pages labelled by hand, and those of the test split, stay as they are.
    """
    out = []
    for sample, probability in zip(samples, main, strict=True):
        sure = np.where(sample.label >= 0.5, probability <= 1 - _SURE, probability >= _SURE)
        wrong = sure & (sample.page.split == "train") & (not sample.page.marked)
        out.append(replace(sample, weight=np.where(wrong, sample.weight * _DOUBTED, sample.weight)))
    return out


def judged_twice(judges: Judges, samples: Sequence[Sample]) -> list[Floats]:
    """Probabilities of main text of the lines of each sample, by both looks."""
    first = [judged(judges.first, sample) for sample in samples]
    again = looked_again(samples, first)
    return [both(main, judged(judges.second, sample)) for main, sample in zip(first, again, strict=True)]


def looked_again(samples: Sequence[Sample], main: Sequence[Floats]) -> list[Sample]:
    """The samples with what is seen at the second look besides. `main`: what the first one says of each."""
    again = []
    for start in range(0, len(samples), _BATCH):
        batch = samples[start : start + _BATCH]
        lines = Lines(pa.array([sample.page.text for sample in batch], pa.large_string()))
        words = spread(lines, np.zeros(len(lines), np.bool_))
        found = second_look(lines, words, np.concatenate(main[start : start + _BATCH])).astype(np.float16)
        for number, sample in enumerate(batch):
            own = found[lines.offsets[number] : lines.offsets[number + 1]]
            again.append(replace(sample, features=np.hstack((sample.features, own))))
    return again
