"""Legacy encodings: declared ones are believed, undeclared ones found by the text itself."""

import pytest

from tasks.ingest.decode import Undecodable, decode, mend

RUSSIAN = (
    "Городской совет вечером утвердил план ремонта моста через реку, и работы начнутся уже в поне"
    "дельник. "
    "Жители соседних улиц просили не закрывать движение ночью, потому что другого пути к больнице"
    " нет. "
    "Инженеры обещают управиться до осени, если не помешают дожди."
)
CHINESE = (
    "市议会昨晚通过了河上大桥的维修计划，工程将于星期一开始。附近街道的居民要求夜间不要封闭交通，"
    "因为去医院没有别的路可走。"
    "工程师承诺，如果雨水不多，秋天以前就能完工。施工期间公共汽车将绕行，时间表贴在各个车站。老人"
    "和学生可以乘坐渡船，船票由市里支付。"
    "商店老板担心顾客减少，市长答应给他们减税。记者问到费用时，他说明年春天会公布全部账目，欢迎市"
    "民前来查看，也可以写信提出意见和建议。"
)
TAIWANESE = (
    "市議會昨晚通過了河上大橋的維修計畫，工程將於星期一開始。附近街道的居民要求夜間不要封閉交通，"
    "因為去醫院沒有別的路可走。"
    "工程師承諾，如果雨水不多，秋天以前就能完工。施工期間公共汽車將繞行，時間表貼在各個車站。老人"
    "和學生可以乘坐渡船，船票由市府支付。"
    "商店老闆擔心顧客減少，市長答應給他們減稅。記者問到費用時，他說明年春天會公布全部帳目，歡迎市"
    "民前來查看，也可以寫信提出意見。"
)
JAPANESE = (
    "市議会は昨夜、川にかかる橋の修理計画を承認し、工事は月曜日に始まる。近くの住民は、病院へ行く"
    "道がほかにないため、"
    "夜間は通行止めにしないよう求めていた。技術者は、雨が少なければ秋までに終えると約束している。"
    "バスは工事の間、別の道を通る。"
    "高齢者と生徒は無料の渡し船に乗ることができ、その費用は市が負担する。商店の主人たちは客が減る"
    "のではないかと心配しているが、"
    "市長は税金を軽くすると答えた。"
)
KOREAN = (
    "시의회는 어젯밤 강 위의 다리를 고치는 계획을 승인했으며 공사는 월요일에 시작된다. 근처 주민"
    "들은 병원으로 가는 다른 길이 "
    "없다며 밤에는 통행을 막지 말아 달라고 요청했다. 기술자들은 비가 많이 오지 않으면 가을까지 끝"
    "내겠다고 약속했다. 공사하는 동안 "
    "버스는 다른 길로 다니고 시간표는 정류장에 붙는다. 노인과 학생은 시가 돈을 내는 나룻배를 탈 "
    "수 있다."
)
GERMAN = (
    "Der Stadtrat hat gestern Abend die Sanierung der Brücke über den Fluss beschlossen, die Arbe"
    "iten beginnen am "
    "Montag. Anwohner der umliegenden Straßen baten darum, nachts nicht zu sperren, weil es keine"
    "n anderen Weg zum "
    "Krankenhaus gibt – „sonst müssten wir zwanzig Minuten länger fahren“, sagte eine Ärztin."
)
POLISH = (
    "Rada miasta zatwierdziła wczoraj wieczorem plan naprawy mostu na rzece, a prace zaczną się j"
    "uż w poniedziałek. "
    "Mieszkańcy sąsiednich ulic prosili, żeby nie zamykać ruchu w nocy, ponieważ do szpitala nie "
    "ma innej drogi. "
    "Inżynierowie obiecują skończyć przed jesienią, jeśli nie przeszkodzą deszcze."
)
ARABIC = (
    "وافق مجلس المدينة مساء أمس على خطة إصلاح الجسر فوق النهر، وستبدأ الأعمال يوم الاثنين. وطلب س"
    "كان الشوارع "
    "المجاورة عدم إغلاق الطريق ليلا لأنه لا يوجد طريق آخر إلى المستشفى. ويعد المهندسون بالانتهاء "
    "قبل الخريف إذا لم "
    "تمنعهم الأمطار من العمل في موعده."
)
GREEK = (
    "Το δημοτικό συμβούλιο ενέκρινε χθες το βράδυ το σχέδιο επισκευής της γέφυρας πάνω από το ποτ"
    "άμι και οι εργασίες "
    "αρχίζουν τη Δευτέρα. Οι κάτοικοι ζήτησαν να μη διακόπτεται η κυκλοφορία τη νύχτα, γιατί δεν "
    "υπάρχει άλλος δρόμος "
    "προς το νοσοκομείο της πόλης."
)
THAI = (
    "เมื่อคืนนี้สภาเมืองได้อนุมัติแผนซ่อมสะพานข้ามแม่น้ำ และงานจะเริ่มในวันจันทร์ ชาวบ้านบนถนนใกล"
    "้เคียงขอให้ไม่ปิดการจราจรในเวลากลางคืน "
    "เพราะไม่มีทางอื่นไปโรงพยาบาล วิศวกรสัญญาว่าจะเสร็จก่อนฤดูใบไม้ร่วงหากฝนไม่ตกหนัก"
)
HEBREW = (
    "מועצת העיר אישרה אמש את התוכנית לתיקון הגשר שמעל הנהר, והעבודות יתחילו ביום שני. תושבי הרחוב"
    "ות הסמוכים ביקשו שלא "
    "לסגור את התנועה בלילה, משום שאין דרך אחרת לבית החולים. המהנדסים מבטיחים לסיים לפני הסתיו אם "
    "הגשמים לא יפריעו."
)
TURKISH = (
    "Belediye meclisi dün akşam nehrin üzerindeki köprünün onarım planını kabul etti ve çalışmala"
    "r pazartesi günü "
    "başlıyor. Çevredeki sokakların sakinleri, hastaneye giden başka yol olmadığı için geceleri t"
    "rafiğin "
    "kapatılmamasını istedi. Mühendisler yağmur engel olmazsa güze kadar bitireceklerine söz verdi."
)
SAMPLES = [
    ("cp1251", RUSSIAN),
    ("koi8-r", RUSSIAN),
    ("gb18030", CHINESE),
    ("big5", TAIWANESE),
    ("shift_jis", JAPANESE),
    ("euc-jp", JAPANESE),
    ("iso2022_jp", JAPANESE),
    ("euc-kr", KOREAN),
    ("cp1252", GERMAN),
    ("iso-8859-2", POLISH),
    ("cp1256", ARABIC),
    ("iso-8859-7", GREEK),
    ("tis-620", THAI),
    ("cp1255", HEBREW),
    ("cp1254", TURKISH),
]
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize(("encoding", "text"), SAMPLES, ids=[encoding for encoding, _ in SAMPLES])
def test_undeclared_encodings_are_detected(encoding, text):
    assert len(text) >= 150
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(("encoding", "text"), SAMPLES, ids=[encoding for encoding, _ in SAMPLES])
def test_declared_encodings_are_believed(encoding, text):
    short = text[:12]
    assert decode(short.encode(encoding), declared=encoding) == short
    page = (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={encoding}"></head>{short}'
    )
    assert decode(page.encode(encoding), html=True) == page


@pytest.mark.parametrize("encoding", UNICODE)
@pytest.mark.parametrize("text", [GERMAN, RUSSIAN[:40] + " - and a few words of English, 2024."])
def test_unicode_encodings_lose_their_mark_alone(encoding, text):
    assert decode(text.encode(encoding)) == text


def test_utf8_beats_a_false_declaration():
    assert decode(GERMAN.encode(), declared="iso-8859-1") == GERMAN


def test_one_damaged_character_does_not_cost_the_document():
    for text in (RUSSIAN, GERMAN):
        scarred = text[:50].encode() + b"\xff" + text[50:].encode()
        assert decode(scarred, declared="cp1252") == text[:50] + "\ufffd" + text[50:]
    assert decode(RUSSIAN[:70].encode()[:-1]) == RUSSIAN[:69] + "\ufffd"


def test_an_unknown_label_is_no_label():
    assert decode(RUSSIAN.encode("cp1251"), declared="x-no-such") == RUSSIAN


@pytest.mark.parametrize("data", [bytes(range(256)) * 8, b"\0\1\2\3" * 500, b"\x01\x02text\x03\x04"])
def test_junk_is_refused(data):
    with pytest.raises(Undecodable) as caught:
        decode(data)
    assert caught.value.reason == "undecodable"


@pytest.mark.parametrize(("data", "kind"), [(b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"), (b"GIF89a..", "GIF")])
def test_pictures_are_unsupported(data, kind):
    with pytest.raises(Undecodable, match=kind) as caught:
        decode(data)
    assert caught.value.reason == "unsupported"


def test_mending_keeps_every_offset():
    assert mend("a\0b\ud800c") == "a\ufffdb\ufffdc"
    assert mend("😀 ok") == "😀 ok"
