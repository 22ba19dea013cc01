"""Trains the line model: `python benchmarks/train_line_model.py PAGES.parquet HTML.parquet`.

docs/model.md says what the files hold and what the model is. With --folds nothing is written: each fold's sites are
judged by a network that has not seen them. Needs the extra `train`; without files it prints how it is called.
"""

import argparse
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import compress
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.line_model.function_words import learn_function_words
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
from tasks.evaluate.measure import f1, precision_recall, spoken, without_title
from tasks.strip.model.features import Floats
from tasks.strip.model.labels import tokens
from tasks.strip.model.network import WEIGHTS, WEIGHTS_FOR_HTML, Network
from tasks.strip.model.title import WEIGHTS as TITLE_WEIGHTS
from tasks.strip.model.title import Titles
from tasks.strip.model.title import shipped as shipped_finder
from tasks.strip.model.words import FUNCTION_WORDS, shipped_function_words
from tasks.strip.verdict import STRICTNESS

ROOT = Path(__file__).parents[1]
EPOCHS = 8
# The pages of HTML come in one rendering and not in up to eight: for as many steps they are seen more often.
_EPOCHS_HTML = 3
# Renderings that the title finder learns from. Of HTML the title is told.
_TITLED = ("raw", "inscriptis", "compact", BRIEF, "glued", "labelled")
_THRESHOLDS = (0.4, STRICTNESS, 0.6)


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
    parser.add_argument("--out", type=Path, default=WEIGHTS.parent, help="folder for the weights")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--folds", type=int, default=0, metavar="K", help="cross-validate; write nothing")
    if not arguments:
        parser.print_help()
        return 0
    options = parser.parse_args(arguments)
    for path in (options.pages, options.html, *options.labelled, *filter(None, [options.sentences])):
        if not path.exists():
            parser.error(f"{path} is not there")
    if options.folds == 1 or options.folds < 0 or options.epochs < 1:
        parser.error("--folds is 2 or more, --epochs 1 or more")
    if options.sentences:
        words = learn_function_words(options.sentences)
        np.savez_compressed(FUNCTION_WORDS, hashes=words.astype(np.uint32))
        shipped_function_words.cache_clear()
        print(f"wrote {FUNCTION_WORDS}: {len(words):,} function words")
    rows, rendered = pq.read_table(options.pages).to_pylist(), render(options.html)
    labelled = [page for path in options.labelled for page in read_labelled(path)]
    # Held-out pages are judged as by somebody who has never seen them: neither their lines nor their titles.
    held_out: list[Sample] = []
    finder = shipped_finder()
    if not options.folds:
        titled = [*text_pages(rows, rendered, {}), *labelled]
        finder, finder_of_all = _title_finders(titled, options.seed)
        held_out = _seen([page for page in labelled if page.split == "test"], finder)
        finder = finder_of_all
        finder.save(options.out / TITLE_WEIGHTS.name)

    html = _seen([*html_pages(rows, rendered)], finder)
    network = _network(html, WEIGHTS_FOR_HTML, options, options.epochs * _EPOCHS_HTML)
    # With the HTML more is known of a page than its text tells: where only snippets are marked, that network is the teacher.
    taught = {sample.page.id: _kept_text(network, sample) for sample in html if not sample.page.gold}
    # Brief texts teach where titles stand. They hold main text alone: that lines of short texts all stay is not to be learnt.
    pages = [page for page in text_pages(rows, rendered, taught) if page.kind != BRIEF]
    text = _seen([*pages, *labelled], finder)
    if held_out:
        print("held-out pages, by weights that have not seen them:")
        report(_fit(text, options, options.epochs, marked=False), held_out)
    _network(text, WEIGHTS, options, options.epochs)
    return 0


def _seen(pages: Sequence[Page], finder: Titles) -> list[Sample]:
    """What the model sees of the pages."""
    seen: list[Sample] = []
    for sample in samples(pages, finder):
        seen.append(sample)
        if len(seen) % 1_000 == 0 or len(seen) == len(pages):
            print(f"{len(seen):,} of {len(pages):,} samples", flush=True)
    return seen


def _network(samples: Sequence[Sample], weights: Path, options: argparse.Namespace, epochs: int) -> Network:
    """The network of all pages to train on, written where nothing is cross-validated; print the figures of the others."""
    for fold in range(options.folds):
        known = [s for s in samples if s.page.marked or _fold(s, options.folds) != fold]
        unseen = [s for s in samples if s.page.split == "train" and _fold(s, options.folds) == fold]
        print(f"{weights.stem}, fold {fold + 1} of {options.folds}")
        judged = [s for s in unseen if not s.page.marked]
        judged += [s for s in samples if s.page.marked and s.page.split == "test"]
        report(_fit(known, options, epochs, marked=False), judged)
    network = _fit(samples, options, epochs, marked=not options.folds)
    if not options.folds:
        network.save(options.out / weights.name)
        print(f"wrote {options.out / weights.name}; pages of the test split:")
        report(network, [s for s in samples if s.page.split == "test" and not s.page.marked])
    return network


def _fit(samples: Sequence[Sample], options: argparse.Namespace, epochs: int, *, marked: bool) -> Network:
    """A network of the train split, and of the held-out pages if the `marked` ones count."""
    # Here, so that the help needs no torch.
    from benchmarks.line_model.fit import fit

    chosen = [s for s in samples if s.page.split == "train" or (marked and s.page.marked)]
    return fit(chosen, seed=options.seed, epochs=epochs)


def _kept_text(network: Network, sample: Sample) -> str:
    """What is left of a page by the network's judgement."""
    kept = _judged(network, sample) >= STRICTNESS
    return "\n".join(compress(sample.lines, (kept & ~sample.strong & ~sample.title).tolist()))


def _judged(network: Network, sample: Sample) -> Floats:
    return network.probabilities(sample.features.astype(np.float32), np.array([0, len(sample.label)]))


def _title_finders(pages: Sequence[Page], seed: int) -> tuple[Titles, Titles]:
    """Title finders trained without the held-out pages and with them; print how often the first is right on the others."""
    from benchmarks.line_model.titles import fit_titles, share_right, title_samples

    every = [*title_samples([page for page in pages if page.kind in _TITLED])]
    train = [sample for sample in every if sample.page.split == "train"]
    finder = fit_titles(train, seed=seed)
    for name, marked in (("pages of the test split", False), ("held-out pages", True)):
        others = [s for s in every if s.page.split == "test" and s.page.marked == marked]
        print(f"titles of {name}: {share_right(finder, others):.4f} right of {len(others):,}", flush=True)
    return finder, fit_titles([s for s in every if s.page.split == "train" or s.page.marked], seed=seed)


def report(network: Network, unseen: Sequence[Sample]) -> None:
    """Print the figures of `unseen` by rendering, threshold and data set."""
    main = [_judged(network, sample) for sample in unseen]
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


def _fold(sample: Sample, folds: int) -> int:
    return zlib.crc32(sample.page.site.encode()) % folds


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
