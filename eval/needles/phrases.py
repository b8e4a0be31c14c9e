"""Five facts in eleven languages, with sentences to put around them, and made-up words in their scripts.

Worded so that a name stands in its base form everywhere. Knows wording; knows nothing of needles.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Said(StrEnum):
    """What is said, the same in every language: of a place, a person, a ship or a firm."""

    KEEPER = "keeper"
    CODE = "code"
    BORN = "born"
    CAPTAIN = "captain"
    SEAT = "seat"


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language: (statement, question) of each fact, and sentences around it."""

    said: dict[Said, tuple[str, str]]
    around: tuple[str, ...]
    script: str = "latin"


_K, _C, _B, _M, _S = Said

TONGUES: Final[dict[str, Tongue]] = {
    "en": Tongue(
        {_K: ("The keeper of the lighthouse at {s} is {v}.", "Who is the lighthouse keeper of {s}?"),
         _C: ("The access code of the archive of {s} is {v}.", "Which code opens the archive of {s}?"),
         _B: ("{s} was born in {v}.", "What is the birthplace of {s}?"),
         _M: ("The captain of the ship {s} is {v}.", "Who commands the ship {s}?"),
         _S: ("The firm {s} has its head office in {v}.", "Where is the firm {s} based?")},
        ("The road was closed for two days.", "Nobody wrote the reason down.", "The bakery opens at six.",
         "In summer there is music in the square.")),
    "de": Tongue(
        {_K: ("Der Wärter des Leuchtturms von {s} heißt {v}.", "Wer hütet den Leuchtturm von {s}?"),
         _C: ("Der Zugangscode des Archivs von {s} lautet {v}.", "Mit welchem Code öffnet man das Archiv von {s}?"),
         _B: ("{s} wurde in {v} geboren.", "Was ist der Geburtsort von {s}?"),
         _M: ("Der Kapitän des Schiffs {s} ist {v}.", "Wer führt das Schiff {s}?"),
         _S: ("Die Firma {s} hat ihren Hauptsitz in {v}.", "Wo sitzt die Firma {s}?")},
        ("Die Straße war zwei Tage lang gesperrt.", "Den Grund schrieb niemand auf.", "Die Bäckerei öffnet um sechs.",
         "Im Sommer gibt es Musik auf dem Platz.")),
    "fr": Tongue(
        {_K: ("Le gardien du phare de {s} s'appelle {v}.", "Qui garde le phare de {s} ?"),
         _C: ("Le code d'accès des archives de {s} est {v}.", "Quel code ouvre les archives de {s} ?"),
         _B: ("{s} a vu le jour à {v}.", "Quel est le lieu de naissance de {s} ?"),
         _M: ("Le capitaine du navire {s} est {v}.", "Qui commande le navire {s} ?"),
         _S: ("L'entreprise {s} a son siège à {v}.", "Où l'entreprise {s} est-elle établie ?")},
        ("La route est restée fermée deux jours.", "Personne n'en a noté la raison.", "La boulangerie ouvre à six h.",
         "En été, on joue de la musique sur la place.")),
    "es": Tongue(
        {_K: ("El farero de {s} se llama {v}.", "¿Quién cuida el faro de {s}?"),
         _C: ("El código de acceso del archivo de {s} es {v}.", "¿Con qué código se abre el archivo de {s}?"),
         _B: ("{s} nació en {v}.", "¿Cuál es el lugar de nacimiento de {s}?"),
         _M: ("El capitán del barco {s} es {v}.", "¿Quién está al mando del barco {s}?"),
         _S: ("La empresa {s} tiene su sede en {v}.", "¿Dónde está establecida la empresa {s}?")},
        ("La carretera estuvo cerrada dos días.", "Nadie anotó el motivo.", "La panadería abre a las seis.",
         "En verano hay música en la plaza.")),
    "it": Tongue(
        {_K: ("Il guardiano del faro di {s} si chiama {v}.", "Chi si occupa del faro di {s}?"),
         _C: ("Il codice di accesso dell'archivio di {s} è {v}.", "Con quale codice si apre l'archivio di {s}?"),
         _B: ("{s} è venuto al mondo a {v}.", "Qual è il luogo di nascita di {s}?"),
         _M: ("Il capitano della nave {s} è {v}.", "Chi comanda la nave {s}?"),
         _S: ("La ditta {s} ha la sede a {v}.", "Dove si trova la ditta {s}?")},
        ("La strada è rimasta chiusa per due giorni.", "Nessuno ne ha scritto il motivo.", "Il forno apre alle sei.",
         "D'estate c'è musica in piazza.")),
    "pt": Tongue(
        {_K: ("O faroleiro de {s} chama-se {v}.", "Quem cuida do farol de {s}?"),
         _C: ("O código de acesso do arquivo de {s} é {v}.", "Que código abre o arquivo de {s}?"),
         _B: ("{s} nasceu em {v}.", "Qual é o local de nascimento de {s}?"),
         _M: ("O capitão do navio {s} é {v}.", "Quem comanda o navio {s}?"),
         _S: ("A empresa {s} tem a sede em {v}.", "Onde fica a empresa {s}?")},
        ("A estrada esteve fechada dois dias.", "Ninguém anotou o motivo.", "A padaria abre às seis.",
         "No verão há música na praça.")),
    "nl": Tongue(
        {_K: ("De vuurtorenwachter van {s} heet {v}.", "Wie past op de vuurtoren van {s}?"),
         _C: ("De toegangscode van het archief van {s} is {v}.", "Met welke code gaat het archief van {s} open?"),
         _B: ("{s} werd geboren in {v}.", "Wat is de geboorteplaats van {s}?"),
         _M: ("De kapitein van het schip {s} is {v}.", "Wie voert het bevel over het schip {s}?"),
         _S: ("De firma {s} heeft haar hoofdkantoor in {v}.", "Waar is de firma {s} gevestigd?")},
        ("De weg was twee dagen afgesloten.", "Niemand heeft de reden opgeschreven.", "De bakker gaat om zes uur open.",
         "In de zomer is er muziek op het plein.")),
    "pl": Tongue(
        {_K: ("Latarnikiem w miejscowości {s} jest {v}.", "Kto pilnuje latarni morskiej w miejscowości {s}?"),
         _C: ("Kod dostępu do archiwum w miejscowości {s} to {v}.", "Jaki kod otwiera archiwum w miejscowości {s}?"),
         _B: ("Miejsce urodzenia osoby o nazwisku {s} to {v}.", "Gdzie urodziła się osoba o nazwisku {s}?"),
         _M: ("Kapitanem statku {s} jest {v}.", "Kto dowodzi statkiem {s}?"),
         _S: ("Firma {s} ma siedzibę w miejscowości {v}.", "Gdzie mieści się firma {s}?")},
        ("Droga była zamknięta przez dwa dni.", "Nikt nie zapisał powodu.", "Piekarnia otwiera się o szóstej.",
         "Latem na rynku gra muzyka.")),
    "ru": Tongue(
        {_K: ("Смотрителя маяка в посёлке {s} зовут {v}.", "Кто следит за маяком в посёлке {s}?"),
         _C: ("Код доступа к архиву посёлка {s}: {v}.", "Какой код открывает архив посёлка {s}?"),
         _B: ("Человек по имени {s} появился на свет в посёлке {v}.", "Где место рождения человека по имени {s}?"),
         _M: ("Капитана судна «{s}» зовут {v}.", "Кто командует судном «{s}»?"),
         _S: ("Главная контора фирмы «{s}» находится в посёлке {v}.", "Где расположена фирма «{s}»?")},
        ("Дорога была закрыта два дня.", "Причину никто не записал.", "Пекарня открывается в шесть.",
         "Летом на площади играет музыка."), "cyrillic"),
    "zh": Tongue(
        {_K: ("{s}灯塔的看守人是{v}。", "谁负责看管{s}的灯塔？"),
         _C: ("{s}档案馆的门禁密码是{v}。", "用什么密码可以打开{s}的档案馆？"),
         _B: ("{s}出生于{v}。", "{s}的出生地是哪里？"),
         _M: ("轮船{s}号的船长是{v}。", "谁指挥轮船{s}号？"),
         _S: ("{s}公司的总部设在{v}。", "{s}公司位于哪里？")},
        ("道路封闭了两天。", "没有人记下原因。", "面包店六点开门。", "夏天广场上有音乐。"), "han"),
    "ja": Tongue(
        {_K: ("{s}の灯台守は{v}です。", "{s}の灯台を見守っているのは誰ですか。"),
         _C: ("{s}の公文書館の入室番号は{v}です。", "{s}の公文書館はどの番号で開きますか。"),
         _B: ("{s}は{v}で生まれました。", "{s}の出身地はどこですか。"),
         _M: ("{s}号の船長は{v}です。", "{s}号を指揮しているのは誰ですか。"),
         _S: ("{s}社の本社は{v}にあります。", "{s}社の所在地はどこですか。")},
        ("道路は二日間閉鎖されました。", "理由は誰も書き残しませんでした。", "パン屋は六時に開きます。",
         "夏には広場で音楽が流れます。"), "kana"),
}  # fmt: skip

_HAN: Final = tuple("阿巴贝波布达德迪多尔法菲弗戈格哈赫基卡科克拉莱洛卢马梅米莫纳尼诺帕佩普奇里罗萨塞斯索塔特托瓦维沃")
_KANA: Final = (
    *("ア", "イ", "ウ", "エ", "オ", "カ", "キ", "ク", "ケ", "コ", "サ", "シ", "ス", "セ", "ソ", "タ", "チ", "テ", "ト"),
    *("ナ", "ニ", "ノ", "ハ", "ヒ", "フ", "ヘ", "ホ", "マ", "ミ", "ム", "メ", "モ", "ラ", "リ", "ル", "レ", "ロ"),
    *("ヴァ", "ガ", "ギ", "グ", "ゴ", "ザ", "ジ", "ダ", "デ", "ド", "バ", "ビ", "ブ", "ベ", "ボ", "パ", "ペ", "ン"),
)
_CYRILLIC: Final = tuple(f"{onset}{vowel}" for onset in "бвгдзклмнпрстфх" for vowel in ("а", "е", "и", "о", "у"))
_ENDS: Final = ("", "н", "р", "л", "ск", "м", "т")

SYLLABLES: Final = {
    "cyrillic": (_CYRILLIC, (2, 3), _ENDS),
    "han": (_HAN, (3, 4), ("",)),
    "kana": (_KANA, (4, 5), ("",)),
}
"""For each script but the Latin one: its syllables, how many a word has, and what may stand at its end."""

PLACES: Final = {
    "latin": ("{} Alta", "{} Bassa", "San {}", "Porto {}", "Villa {}", "Nova {}", "Monte {}"),
    "cyrillic": ("Верхний {}", "Нижний {}", "Старый {}", "Новый {}", "Малый {}", "Большой {}"),
    "han": ("上{}", "下{}", "新{}", "老{}", "东{}", "西{}"),
    "kana": ("上{}", "下{}", "新{}", "北{}", "南{}", "東{}"),
}
"""Names of places, ships and firms that share a made-up word."""

PEOPLE: Final = {
    "latin": ("Anna {}", "Marta {}", "Paul {}", "Viktor {}", "Julia {}", "Simon {}", "Eva {}"),
    "cyrillic": ("Анна {}", "Мария {}", "Павел {}", "Виктор {}", "Юлия {}", "Семён {}"),
    "han": ("安娜·{}", "玛丽·{}", "保罗·{}", "维克多·{}", "朱莉·{}", "西蒙·{}"),
    "kana": ("アンナ・{}", "マリア・{}", "パウル・{}", "ヴィクトル・{}", "ユリア・{}", "シモン・{}"),
}
"""Names of people that share a made-up word."""
