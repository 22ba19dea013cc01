"""The profiles evaluated in arrays are langdetect's own model: same normalisation, same verdicts."""

from pathlib import Path

import langdetect.detector_factory as factory
import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from langdetect.utils.ngram import NGram

from tasks.language.profiles import profiles
from tasks.language.sample import take_sample

SENTENCES = Path(__file__).parents[3] / "shared/data/language_sentences.parquet"

INVENTED = {
    "en": "The bakery on the corner opens early, and the smell of bread fills the whole street "
    "before sunrise. ",
    "de": "Die Bäckerei an der Ecke öffnet früh, und der Duft von Brot erfüllt vor Sonnenaufgang die "
    "Straße. ",
    "fr": "La boulangerie du coin ouvre tôt et l'odeur du pain remplit toute la rue avant le lever "
    "du soleil. ",
    "ru": "Пекарня на углу открывается рано, и запах хлеба наполняет всю улицу ещё до восхода солнца. ",
    "el": "Ο φούρνος στη γωνία ανοίγει νωρίς και η μυρωδιά του ψωμιού γεμίζει τον δρόμο πριν την ανατολή. ",
    "ja": "角のパン屋は早くから開いていて、日の出前には通り全体がパンの香りに包まれる。",
    "ko": "모퉁이 빵집은 일찍 문을 열고 해가 뜨기 전에 빵 냄새가 온 거리를 가득 채운다. ",
    "vi": "Tiệm bánh ở góc phố mở cửa sớm và mùi bánh mì tràn ngập cả con đường trước khi mặt trời mọc. ",
}


@pytest.fixture(scope="module")
def langdetect_factory() -> factory.DetectorFactory:
    factory.init_factory()
    return factory._factory


def _by_langdetect(model: factory.DetectorFactory, text: str) -> str:
    model.set_seed(0)
    detector = model.create()
    detector.append(text)
    return str(detector.detect())


def _by_profiles(texts: list[str]) -> list[str]:
    sample = take_sample(texts)
    scores = profiles().score(sample.pieces, sample.starts)
    best = np.add.reduceat(scores, sample.starts, axis=0).argmax(axis=1)
    return [profiles().languages[column] for column in best]


def test_normalisation_is_that_of_langdetect() -> None:
    points = np.array([*range(0x3000), *range(0x4E00, 0x5200), 0xAC00, 0xD7A3, 0xFF21], np.uint32)
    normal = profiles().normal
    for _ in range(2):  # met for the first time, and known
        for point, found in zip(points.tolist(), normal.of(points).tolist(), strict=True):
            assert found == ord(NGram.normalize(chr(point).lower()[0])), hex(point)
    assert normal.of(np.array([0x1F600, 0xFFFF + 1], np.uint32)).tolist() == [0x20, 0x20]


def test_every_profile_is_read() -> None:
    assert set(profiles().languages) == {path.name for path in Path(factory.PROFILES_DIRECTORY).iterdir()}


def test_scores_are_sums_of_log_probabilities(langdetect_factory: factory.DetectorFactory) -> None:
    text = "quaint"
    grams = ["q", "u", "a", "i", "n", "t", " q", "qu", "ua", "ai", "in", "nt", "t "]
    grams += [" qu", "qua", "uai", "ain", "int", "nt "]
    column = profiles().languages.index("en")
    english = langdetect_factory.langlist.index("en")
    expected = sum(
        round(16 * np.log1p(langdetect_factory.word_lang_prob_map[gram][english] * 10_000 / 0.5))
        for gram in grams
        if gram in langdetect_factory.word_lang_prob_map
    )
    sample = take_sample([text])
    assert profiles().score(sample.pieces, sample.starts)[0, column] == expected


def test_no_gram_spans_two_texts() -> None:
    alone = take_sample(["schön"])
    after = take_sample(["x" * 126, "schön"])
    assert (
        profiles().score(alone.pieces, alone.starts)[0] == profiles().score(after.pieces, after.starts)[-1]
    ).all()


@pytest.mark.parametrize("language", INVENTED)
def test_agrees_on_invented_texts(langdetect_factory: factory.DetectorFactory, language: str) -> None:
    text = INVENTED[language] * 4
    assert _by_profiles([text]) == [_by_langdetect(langdetect_factory, text)] == [language]


@pytest.mark.skipif(not SENTENCES.exists(), reason="needs ../shared")
def test_agrees_on_long_texts(langdetect_factory: factory.DetectorFactory) -> None:
    """On texts of ten sentences in each language that langdetect has a profile for."""
    table = pq.read_table(SENTENCES)
    known = {code.split("-")[0] for code in profiles().languages} | {"nb"}
    texts: list[str] = []
    for language in sorted(known & set(table["language"].unique().to_pylist())):
        sentences = table.filter(pc.equal(table["language"], language))["text"].to_pylist()
        texts += [" ".join(sentences[i : i + 10]).lower() for i in range(0, len(sentences), 10)]
    agreed = [
        ours == _by_langdetect(langdetect_factory, text)
        for ours, text in zip(_by_profiles(texts), texts, strict=True)
    ]
    assert len(texts) > 900
    assert np.mean(agreed) >= 0.995
