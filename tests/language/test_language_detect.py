"""Verdicts on invented texts: languages, scripts, capitals, mixtures, and texts that are hardly texts."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import RECORDS
from tasks.language import Language, detect, detect_batch, detect_language

TEXTS = {
    "en": "The old ferry leaves the harbour at seven, and nobody on board seems to mind the rain "
    "this morning. "
    "A boy is counting the gulls while his grandmother pours tea from a dented flask.",
    "de": "Die alte Fähre legt um sieben Uhr ab, und an Bord scheint sich heute niemand am Regen zu stören. "
    "Ein Junge zählt die Möwen, während seine Großmutter Tee aus einer Kanne eingießt.",
    "fr": "Le vieux bac quitte le port à sept heures et personne à bord ne semble gêné par la pluie "
    "ce matin. "
    "Un garçon compte les mouettes pendant que sa grand-mère verse le thé.",
    "es": "El viejo transbordador sale del puerto a las siete y a nadie a bordo parece molestarle la lluvia. "
    "Un niño cuenta las gaviotas mientras su abuela sirve el té de un termo abollado.",
    "it": "Il vecchio traghetto lascia il porto alle sette e nessuno a bordo sembra badare alla pioggia. "
    "Un ragazzo conta i gabbiani mentre la nonna versa il tè da un vecchio thermos.",
    "pt": "A velha balsa sai do porto às sete horas e ninguém a bordo parece incomodado com a chuva de hoje. "
    "Um menino conta as gaivotas enquanto a avó serve o chá de uma garrafa amassada.",
    "nl": "De oude veerboot vertrekt om zeven uur uit de haven en niemand aan boord lijkt zich aan "
    "de regen te "
    "storen. Een jongen telt de meeuwen terwijl zijn oma thee inschenkt.",
    "pl": "Stary prom odpływa z portu o siódmej i nikomu na pokładzie nie przeszkadza dzisiejszy deszcz. "
    "Chłopiec liczy mewy, a jego babcia nalewa herbatę z pogiętego termosu.",
    "cs": "Starý přívoz vyplouvá z přístavu v sedm hodin a nikomu na palubě dnešní déšť zřejmě nevadí. "
    "Chlapec počítá racky, zatímco jeho babička nalévá čaj z otlučené termosky.",
    "hu": "Az öreg komp hétkor indul a kikötőből, és a fedélzeten senkit sem zavar a reggeli eső. "
    "Egy fiú a sirályokat számolja, miközben a nagymamája teát tölt egy horpadt termoszból.",
    "ro": "Feribotul cel vechi pleacă din port la ora șapte și nimeni de la bord nu pare deranjat de ploaie. "
    "Un băiat numără pescărușii în timp ce bunica lui toarnă ceai.",
    "fi": "Vanha lautta lähtee satamasta seitsemältä, eikä kukaan kyydissä näytä välittävän aamun sateesta. "
    "Poika laskee lokkeja, ja hänen isoäitinsä kaataa teetä kolhiintuneesta termospullosta.",
    "sv": "Den gamla färjan lämnar hamnen klockan sju och ingen ombord verkar bry sig om regnet i dag. "
    "En pojke räknar måsarna medan hans mormor häller upp te ur en bucklig termos.",
    "tr": "Eski feribot saat yedide limandan ayrılıyor ve güvertedeki hiç kimse yağmurdan rahatsız "
    "görünmüyor. "
    "Bir çocuk martıları sayarken büyükannesi eski bir termostan çay dolduruyor.",
    "vi": "Chuyến phà cũ rời bến lúc bảy giờ và dường như không ai trên tàu bận tâm về cơn mưa sáng nay. "
    "Một cậu bé đếm những con chim hải âu trong khi bà của cậu rót trà.",
    "id": "Kapal feri tua itu berangkat dari pelabuhan pukul tujuh dan tidak seorang pun di atas "
    "kapal terganggu "
    "oleh hujan. Seorang anak laki-laki menghitung burung camar sementara neneknya menuang teh.",
    "ru": "Старый паром отходит от причала в семь часов, и никого на борту не смущает утренний дождь. "
    "Мальчик считает чаек, а его бабушка наливает чай из помятого термоса.",
    "uk": "Старий пором відходить від причалу о сьомій годині, і нікого на борту не бентежить ранковий дощ. "
    "Хлопчик рахує чайок, а його бабуся наливає чай із пом'ятого термоса.",
    "bg": "Старият ферибот тръгва от пристанището в седем часа и никой на борда не се притеснява от дъжда. "
    "Едно момче брои чайките, докато баба му налива чай от очукан термос.",
    "sr": "Стари трајект полази из луке у седам часова и чини се да никоме на палуби не смета јутарња киша. "
    "Дечак броји галебове док му бака сипа чај из улубљене термос боце.",
    "kk": "Ескі паром айлақтан сағат жетіде шығады, бірақ кемедегі ешкім таңғы жаңбырға назар аудармайды. "
    "Бала шағалаларды санап отыр, ал әжесі термостан шай құйып жатыр.",
    "el": "Το παλιό πλοίο φεύγει από το λιμάνι στις επτά και κανείς δεν φαίνεται να ενοχλείται από τη βροχή.",
    "he": "המעבורת הישנה יוצאת מהנמל בשעה שבע, ונראה שלאף אחד על הסיפון לא אכפת מהגשם של הבוקר.",
    "ar": "تغادر العبارة القديمة الميناء في الساعة السابعة ولا يبدو أن أحدا على متنها منزعج من المطر "
    "هذا الصباح.",
    "fa": "کشتی قدیمی ساعت هفت بندر را ترک می‌کند و به نظر نمی‌رسد کسی روی عرشه از باران امروز ناراحت باشد.",
    "ur": "پرانی کشتی سات بجے بندرگاہ سے روانہ ہوتی ہے اور لگتا ہے کہ کسی کو بھی آج صبح کی بارش کی "
    "پروا نہیں ہے۔",
    "hi": "पुरानी नाव सात बजे बंदरगाह से निकलती है और आज सुबह की बारिश से किसी को कोई परेशानी नहीं लगती।",
    "bn": "পুরোনো ফেরিটি সাতটায় বন্দর ছেড়ে যায়, আর আজ সকালের বৃষ্টি নিয়ে কারও কোনো মাথাব্যথা নেই "
    "বলে মনে হয়।",
    "ta": "பழைய படகு ஏழு மணிக்கு துறைமுகத்தை விட்டு புறப்படுகிறது, மழையை யாரும் பொருட்படுத்தவில்லை.",
    "th": "เรือข้ามฟากลำเก่าออกจากท่าเวลาเจ็ดโมง และดูเหมือนไม่มีใครบนเรือสนใจฝนที่ตกในเช้าวันนี้",
    "ka": "ძველი ბორანი ნავსადგურიდან შვიდ საათზე გადის და დილის წვიმა თითქოს არავის აწუხებს.",
    "hy": "Հին լաստանավը նավահանգստից դուրս է գալիս ժամը յոթին, և ոչ ոքի չի անհանգստացնում անձրևը։",
    "am": "አሮጌው ጀልባ በሰባት ሰዓት ከወደቡ ይነሳል፤ በዝናቡም የተቸገረ ሰው ያለ አይመስልም።",
    "km": "សាឡាងចាស់ចេញពីកំពង់ផែនៅម៉ោងប្រាំពីរ ហើយហាក់ដូចជាគ្មាននរណាម្នាក់ខ្វល់ពីភ្លៀងទេ។",
    "ko": "낡은 여객선은 일곱 시에 항구를 떠나고 배에 탄 사람들은 아무도 아침 비를 신경 쓰지 않는 듯하다.",
    "ja": "古い渡し船は七時に港を出るが、船の上では誰も今朝の雨を気にしていないようだ。",
    "zh-Hans": "旧渡船七点钟离开港口，船上似乎没有人在意今天早晨的雨。一个男孩在数海鸥，他的奶奶正在倒茶。",
    "zh-Hant": "舊渡船七點鐘離開港口，船上似乎沒有人在意今天早晨的雨。一個男孩在數海鷗，他的奶奶正在倒茶。",
    # not among langdetect's profiles
    "eu": "Ontzi zaharra goizeko zazpietan irteten da portutik, eta inori ez dio axola gaurko euriak. "
    "Mutil batek kaioak zenbatzen ditu amonak tea zerbitzatzen duen bitartean.",
    "is": "Gamla ferjan fer frá höfninni klukkan sjö og enginn um borð virðist láta rigninguna á sig fá. "
    "Drengur telur mávana á meðan amma hans hellir tei úr hitabrúsa.",
    "ga": "Fágann an sean-bhád farantóireachta an cuan ar a seacht agus is cuma le gach duine ar bord faoin "
    "mbáisteach ar maidin. Tá buachaill ag comhaireamh na bhfaoileán.",
    "az": "Köhnə bərə limandan saat yeddidə çıxır və göyərtədə heç kim səhər yağışından narahat görünmür. "
    "Bir oğlan qağayıları sayır, nənəsi isə termosdan çay süzür.",
}  # fmt: skip


@pytest.mark.parametrize("language", TEXTS)
def test_language(language: str) -> None:
    verdict = detect_language(TEXTS[language])
    assert verdict == Language(language, "high", ((language, 1.0),))


@pytest.mark.parametrize("language", [name for name, text in TEXTS.items() if text.upper() != text])
def test_capitals_do_not_matter(language: str) -> None:
    assert detect_language(TEXTS[language].upper()).language == language


@pytest.mark.parametrize("language", ["fr", "pl", "ru", "ja", "tr", "eu", "ar"])
def test_banner_in_another_language_is_not_the_text(language: str) -> None:
    banner = "We use cookies to improve your visit. Accept all or change your settings at any time.\n"
    verdict = detect_language(banner + f"{TEXTS[language]}\n" * 4)
    assert verdict.language == language


@pytest.mark.parametrize(
    ("one", "other"),
    [("de", "en"), ("fr", "es"), ("ru", "en"), ("zh-Hans", "en"), ("ja", "ko"), ("eu", "es")],
)
@pytest.mark.parametrize("times", [2, 40])
def test_half_and_half_is_flagged(one: str, other: str, times: int) -> None:
    verdict = detect_language(f"{TEXTS[one]}\n" * times + f"{TEXTS[other]}\n" * times)
    assert {language for language, _ in verdict.shares} == {one, other}
    assert verdict.shares[0][1] >= verdict.shares[1][1] > 0.2
    assert sum(share for _, share in verdict.shares) <= 1 + 1e-6
    assert verdict.language == verdict.shares[0][0]


@pytest.mark.parametrize(
    ("one", "other"), [("de", "en"), ("fr", "es"), ("ru", "en"), ("pl", "it"), ("cs", "nl"), ("hu", "ro")]
)
@pytest.mark.parametrize(("first", "second"), [(1, 1), (2, 1), (1, 2), (1, 3)])
def test_shares_are_those_of_the_letters_in_short_texts_too(
    one: str, other: str, first: int, second: int
) -> None:
    parts = f"{TEXTS[one]}\n" * first, f"{TEXTS[other]}\n" * second
    own, foreign = (sum(map(str.isalpha, part)) for part in parts)
    shares = dict(detect_language("".join(parts)).shares)
    assert shares[one] == pytest.approx(own / (own + foreign), abs=0.08)
    assert shares[other] == pytest.approx(foreign / (own + foreign), abs=0.08)


def test_small_part_in_another_language_is_not_listed() -> None:
    verdict = detect_language(f"{TEXTS['de']}\n" * 40 + TEXTS["en"])
    assert [language for language, _ in verdict.shares] == ["de"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "Hello there",
        "1234567890 1234567890 1234567890",
        "https://example.org/some/long/path/that/says/nothing/about/any/language",
        "someone.with.a.long.name@mail.example.org",
        "!!! ??? ... --- *** ### $$$ %%% &&& ((( )))",
        "\ud800\udfff\ud800" * 30,
        "\x00\x01\x02" * 30,
        "\U000e0041\U0010ffff\ufffe" * 30,
        "Да",
        "中文",
    ],
)
def test_what_is_no_text_is_undetermined(text: str) -> None:
    assert detect_language(text) == Language("und", "none", ())


def test_dense_scripts_need_fewer_characters() -> None:
    assert detect_language("今天早晨下大雨了吗").language == "zh-Hans"
    assert detect_language("Доброе утро").language == "und"


def test_addresses_and_digits_are_no_text() -> None:
    noise = " https://example.com/the/quick/brown/fox www.example.com/jumps/over reader@example.com 2024 "
    verdict = detect_language(noise.join(TEXTS["pl"].split(". ")) + noise * 8)
    assert (verdict.language, verdict.shares) == ("pl", (("pl", 1.0),))


def test_control_characters_and_surrogates_inside_do_not_matter() -> None:
    text = TEXTS["nl"].replace(" ", " \x00\ud800\x1b ")
    assert detect_language(text).language == "nl"


def test_decomposed_letters_are_composed() -> None:
    assert detect_language(unicodedata.normalize("NFD", TEXTS["vi"])) == detect_language(TEXTS["vi"])


def test_batch_has_the_columns_of_the_record() -> None:
    table = detect_batch(pa.array([TEXTS["de"], None, ""]))
    assert table.schema.equals(
        pa.schema([RECORDS.field(n) for n in ("language", "language_confidence", "language_shares")])
    )
    assert table.column("language").to_pylist() == ["de", "und", "und"]
    assert table.column("language_shares").to_pylist() == [[{"language": "de", "share": 1.0}], [], []]
    assert detect_batch(pa.array([], pa.string())).num_rows == 0


def test_batch_takes_chunked_and_large_strings() -> None:
    chunked = pa.chunked_array([[TEXTS["fr"]], [TEXTS["it"], TEXTS["el"]]], pa.large_string())
    assert detect_batch(chunked).column("language").to_pylist() == ["fr", "it", "el"]


def _rows(texts: list[str]) -> list[Language]:
    table = detect_batch(pa.array(texts, pa.string()))
    return [
        Language(row["language"], row["language_confidence"], tuple(tuple(s.values()) for s in shares))
        for row in table.to_pylist()
        for shares in [row["language_shares"]]
    ]


def _single_precision(verdict: Language) -> Language:
    shares = tuple((language, float(np.float32(share))) for language, share in verdict.shares)
    return Language(verdict.language, verdict.confidence, shares)


_SOME_TEXT = st.one_of(
    st.text(max_size=400),
    st.lists(st.sampled_from(list(TEXTS.values())), max_size=12).map(" ".join),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x24F), min_size=20, max_size=3000),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_SOME_TEXT, min_size=1, max_size=6))
def test_batch_equals_one_by_one(texts: list[str]) -> None:
    writable = [text.encode("utf-8", "ignore").decode() for text in texts]
    assert _rows(writable) == [_single_precision(detect_language(text)) for text in writable]


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_string_has_a_verdict(text: str) -> None:
    verdict = detect_language(text)
    assert verdict.confidence in ("high", "low", "none")
    assert (verdict.language == "und") == (verdict.confidence == "none")
    assert all(share >= 0.1 for _, share in verdict.shares)
    assert sum(share for _, share in verdict.shares) <= 1 + 1e-6


def test_threads_agree() -> None:
    texts = [*TEXTS.values()] * 3
    alone = [detect_language(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(detect_language, texts)) == alone


@pytest.mark.parametrize("language", TEXTS)
def test_a_long_text_has_the_verdict_of_a_full_look(language: str) -> None:
    long = f"{TEXTS[language]}\n" * 20
    assert detect_language(long) == detect._look([long])[0] == Language(language, "high", ((language, 1.0),))


def test_a_glance_settles_what_is_in_one_language_alone() -> None:
    one, two = (f"{TEXTS[name]}\n" * 20 for name in ("pl", "sv"))
    assert [verdict is not None for verdict in detect._glance([one, two, one + two])] == [True, True, False]
