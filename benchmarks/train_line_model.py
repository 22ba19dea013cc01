"""Trains the line model: `python benchmarks/train_line_model.py PAGES.parquet HTML.parquet`.

docs/model.md says what the files hold and what the model is. With --folds nothing is written but the function words that
--sentences asks for: each fold's sites are judged by a network that has not seen them (though the second look has learnt
from first ones that have). Needs the extra `train`; without files it prints how it is called.
"""

import argparse
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import compress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.line_model.function_words import learn_function_words
from benchmarks.line_model.judges import doubted, fit_all, judged, judged_twice, looked_again
from benchmarks.line_model.samples import (
    BRIEF,
    Page,
    Sample,
    html_pages,
    read_labelled,
    render,
    samples,
    text_pages,
)
from tasks.evaluate.labels import tokens
from tasks.evaluate.measure import f1, precision_recall, spoken, without_title
from tasks.strip.lines import Floats
from tasks.strip.model.main_text import WEIGHTS_FOR_HTML, Judges
from tasks.strip.model.network import Network
from tasks.strip.structure.title import WEIGHTS as TITLE_WEIGHTS
from tasks.strip.structure.title import Titles
from tasks.strip.structure.words import FUNCTION_WORDS, shipped_function_words
from tasks.strip.verdict import STRICTNESS
from tasks.strip.weights import FOLDER

ROOT = Path(__file__).parents[1]
EPOCHS = 8
#: Parts of the training sites, each of which is judged by networks that know the others: for labels to be doubted, and for
#: the second look to learn from.
FOLDS = 3
# The pages of HTML come in one rendering and not in up to eight: for as many steps they are seen more often.
_EPOCHS_HTML = 3
# Renderings that the title finder learns from. Of HTML the title is told.
_TITLED = ("raw", "inscriptis", "compact", BRIEF, "glued", "labelled")
_THRESHOLDS = (0.3, STRICTNESS, 0.5)
# From which probability on a line is taught to be main text, where a network is the teacher.
_TAUGHT = 0.45


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Train the line model.")
    parser.add_argument("pages", type=Path, metavar="PAGES.parquet", help="texts, gold texts and snippets")
    parser.add_argument("html", type=Path, metavar="HTML.parquet", help="id and HTML of the same pages")
    parser.add_argument(
        "--labelled",
        type=Path,
        nargs="+",
        default=[ROOT / "tests/labelled"],
        help="pages with a label a line",
    )
    parser.add_argument(
        "--sentences", type=Path, metavar="FILE.parquet", help="learn the function words anew from these"
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder for the weights")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--jobs", type=int, default=1, help="networks that are trained at a time")
    parser.add_argument("--folds", type=int, default=0, metavar="K", help="cross-validate; write nothing")
    if not arguments:
        parser.print_help()
        return 0
    options = parser.parse_args(arguments)
    for path in (options.pages, options.html, *options.labelled, *filter(None, [options.sentences])):
        if not path.exists():
            parser.error(f"{path} is not there")
    if options.folds == 1 or options.folds < 0 or options.epochs < 1 or options.jobs < 1:
        parser.error("--folds is 2 or more, --epochs and --jobs 1 or more")
    options.out.mkdir(parents=True, exist_ok=True)
    if options.sentences:
        words = learn_function_words(options.sentences)
        np.savez_compressed(FUNCTION_WORDS, hashes=words.astype(np.uint32))
        shipped_function_words.cache_clear()
        print(f"wrote {FUNCTION_WORDS}: {len(words):,} function words")
    rows, rendered = pq.read_table(options.pages).to_pylist(), render(options.html)
    labelled = [page for path in options.labelled for page in read_labelled(path)]
    finders = _title_finders([*text_pages(rows, rendered, {}), *labelled], options)
    html = _seen([*html_pages(rows, rendered)], finders)
    network = _html_network(html, options)
    # With the HTML more is known of a page than its text tells: where only snippets are marked, that network is the teacher.
    taught = {sample.page.id: _kept_text(network, sample) for sample in html if not sample.page.gold}
    # Brief texts teach where titles stand. They hold main text alone: that lines of short texts all stay is not to be learnt.
    pages = [page for page in text_pages(rows, rendered, taught) if page.kind != BRIEF]
    _judges(_seen([*pages, *labelled], finders), options)
    return 0


class Finders(NamedTuple):
    """Title finders that know all training sites, and those of the other folds. None of them knows a held-out page."""

    of_all: Titles
    of_folds: list[Titles]

    def of(self, page: Page) -> Titles:
        """One that has not learnt from the page, so that its title is found as those of pages to come are."""
        return self.of_folds[_fold(page.site, len(self.of_folds))] if page.split == "train" else self.of_all


def _seen(pages: Sequence[Page], finders: Finders) -> list[Sample]:
    """What the model sees of the pages, in the order of who found their titles."""
    groups: dict[int, list[Page]] = defaultdict(list)
    for page in pages:
        groups[id(finders.of(page))].append(page)
    seen: list[Sample] = []
    for group in groups.values():
        for sample in samples(group, finders.of(group[0])):
            seen.append(sample)
            if len(seen) % 1_000 == 0 or len(seen) == len(pages):
                print(f"{len(seen):,} of {len(pages):,} samples", flush=True)
    return seen


def _html_network(samples: Sequence[Sample], options: argparse.Namespace) -> Network:
    """The network of pages with their HTML, written where nothing is cross-validated; print the figures of the others."""
    fit = partial(fit_all, seed=options.seed, epochs=options.epochs * _EPOCHS_HTML, jobs=options.jobs)
    samples = doubted(samples, _judged_unseen(samples, fit(_without_folds(samples, options.folds or FOLDS))))
    *of_folds, network = fit([*_without_folds(samples, options.folds), _chosen(samples, marked=True)])
    for fold, of_fold in enumerate(of_folds):
        _report_fold(of_fold, samples, fold, options.folds)
    if not options.folds:
        network.save(options.out / WEIGHTS_FOR_HTML.name)
        print("pages of the test split, with their HTML:")
        test = _test(samples)
        report([judged(network, sample) for sample in test], test)
    return network


def _judges(samples: Sequence[Sample], options: argparse.Namespace) -> None:
    """Train both looks at text, and write them where nothing is cross-validated; print the figures of the others."""
    fit = partial(fit_all, seed=options.seed, epochs=options.epochs, jobs=options.jobs)
    folds = options.folds or FOLDS
    # The second look learns from first ones as it will meet them: at pages that they have not seen.
    first = _judged_unseen(samples, fit(_without_folds(samples, folds)))
    samples = doubted(samples, first)
    again = looked_again(samples, first)
    if options.folds:
        for fold, second in enumerate(fit(_without_folds(again, folds))):
            _report_fold(second, again, fold, folds)
        return
    every, without, second = fit(
        [_chosen(samples, marked=True), _chosen(again, marked=False), _chosen(again, marked=True)]
    )
    print("held-out pages, by weights that have not seen them:")
    held_out = [sample for sample in again if sample.page.marked and sample.page.split == "test"]
    report([judged(without, sample) for sample in held_out], held_out)
    judges = Judges(every, second)
    judges.save(options.out)
    print("pages of the test split, as text:")
    test = _test(samples)
    report(judged_twice(judges, test), test)


def _judged_unseen(samples: Sequence[Sample], of_folds: Sequence[Network]) -> list[Floats]:
    """What a network says of each sample that knows the sites of the other folds."""
    return [judged(of_folds[_fold(sample.page.site, len(of_folds))], sample) for sample in samples]


def _test(samples: Sequence[Sample]) -> list[Sample]:
    return [s for s in samples if s.page.split == "test" and not s.page.marked]


def _report_fold(network: Network, samples: Sequence[Sample], fold: int, folds: int) -> None:
    """Print the figures of a network that knows the sites of the other folds: of the sites of this one and held-out pages."""
    print(f"fold {fold + 1} of {folds}")
    train = [s for s in _chosen(samples, marked=False) if not s.page.marked]
    unseen = [s for s in train if _fold(s.page.site, folds) == fold]
    unseen += [s for s in samples if s.page.split == "test" and s.page.marked]
    report([judged(network, sample) for sample in unseen], unseen)


def _chosen(samples: Sequence[Sample], *, marked: bool) -> list[Sample]:
    """The samples of the train split, and the held-out pages if the `marked` ones count."""
    return [s for s in samples if s.page.split == "train" or (marked and s.page.marked)]


def _without_folds(samples: Sequence[Sample], folds: int) -> list[list[Sample]]:
    """For each fold the samples of the train split that are in the others."""
    train = _chosen(samples, marked=False)
    return [[s for s in train if _fold(s.page.site, folds) != fold] for fold in range(folds)]


def _kept_text(network: Network, sample: Sample) -> str:
    """What is left of a page by the network's judgement."""
    keep = (judged(network, sample) >= _TAUGHT) & ~sample.strong & ~sample.title
    return "\n".join(compress(sample.lines, keep.tolist()))


def _title_finders(pages: Sequence[Page], options: argparse.Namespace) -> Finders:
    """Title finders for training; print how often that of all sites is right on others. Where nothing is cross-validated,
    write one that knows the held-out pages as well."""
    from benchmarks.line_model.titles import fit_titles, share_right, title_samples

    every = [*title_samples([page for page in pages if page.kind in _TITLED])]
    train = [sample for sample in every if sample.page.split == "train"]
    finder = fit_titles(train, seed=options.seed)
    for name, marked in (("pages of the test split", False), ("held-out pages", True)):
        others = [s for s in every if s.page.split == "test" and s.page.marked == marked]
        print(f"titles of {name}: {share_right(finder, others):.4f} right of {len(others):,}", flush=True)
    if not options.folds:
        shipped = fit_titles(
            [s for s in every if s.page.split == "train" or s.page.marked], seed=options.seed
        )
        shipped.save(options.out / TITLE_WEIGHTS.name)
    folds = options.folds or FOLDS
    parts = [[s for s in train if _fold(s.page.site, folds) != fold] for fold in range(folds)]
    return Finders(finder, [fit_titles(part, seed=options.seed) for part in parts])


def report(main: Sequence[Floats], unseen: Sequence[Sample]) -> None:
    """Print the figures of `unseen`, judged by probabilities of `main` text, by rendering, threshold and data set."""
    for threshold in _THRESHOLDS:
        scores: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        lines: Counter[str] = Counter()
        for sample, probability in zip(unseen, main, strict=True):
            keep = (probability >= threshold) & ~sample.strong & ~sample.title
            if sample.page.marked:
                body = sample.label > 0
                lines.update(body=int(body.sum()), kept=int(keep[body].sum()))
                lines.update(other=int((~body).sum()), removed=int((~keep[~body]).sum()))
            elif sample.page.gold and sample.lines:
                scores[sample.page.kind, _group(sample)].append(_page_score(sample, keep.tolist()))
        for (kind, group), pairs in sorted(scores.items()):
            precision, recall = np.mean(pairs, axis=0)
            print(
                f"{threshold:.2f} {kind:10} {group:22} F1 {f1(precision, recall):.4f}  P {precision:.4f}  R {recall:.4f}  "
                f"{len(pairs):,} pages"
            )
        if lines:
            body_kept, removed = (
                lines["kept"] / max(lines["body"], 1),
                lines["removed"] / max(lines["other"], 1),
            )
            print(f"{threshold:.2f} labelled   body lines kept {body_kept:.4f}, others removed {removed:.4f}")


def _fold(site: str, folds: int) -> int:
    return zlib.crc32(site.encode()) % folds


def _group(sample: Sample) -> str:
    page = sample.page
    if not page.dataset.startswith("wcxb"):
        return page.dataset
    return f"{page.dataset}/{'article' if page.page_type == 'article' else 'other'}"


def _page_score(sample: Sample, keep: Sequence[bool]) -> tuple[float, float]:
    """(precision, recall) of the kept lines' word 4-grams; the title's words count on neither side."""
    title = next(compress(sample.lines, sample.title), sample.page.title)
    kept = [tokens(line) for line in compress(sample.lines, keep)]
    gold = spoken(sample.page.gold or "")
    return precision_recall(without_title(kept, title), without_title(gold, title))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
