"""Whether an answer says that the answer is not there, in more words and languages than a reader is told to use.

`cascade.absence` decides what the product treats as an abstention; other wordings and eighteen languages count here
too, because readers are free with words. And how well a system abstains: a table of four, precision and recall.
Not handled: an abstention followed by a guess without a citation counts as an abstention. Knows texts and counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import regex

from cascade.absence import abstains, says_nothing
from cascade.citations import cites, claims
from eval.intervals import Interval, wilson
from eval.plain import plain

_TOLD: Final = (
    r"stated|specified|given|mentioned|provided|recorded|documented|disclosed|reported|known|listed|named|said|found"
)
_ENGLISH: Final = (
    rf"^\W*(?:sorry,? |unfortunately,? |(?:the|that|this|it|its|his|her)(?: \w+)?(?: is| remains)? )*(?:unknown|unclear"
    rf"|unanswerable|undetermined|not (?:{_TOLD}|available|there|in the corpus))\b[^,;]{{0,30}}$",
    r"^\W*(?:n/a|none|nothing|no answer|no idea)\W*$",
    r"\b(?:there (?:is|are|was)|i (?:see|find|found|have)|we (?:see|find|found|have)|contains?"
    r"|with) no (?:\w+ )?(?:mention|record"
    r"|information|answer|reference|trace|evidence|data|indication|statement|such|details?|idea|knowledge)\b",
    rf"\b(?:is|are|was|were)(?: not|n't) (?:\w+ )?(?:{_TOLD})\b",
    r"\b(?:cannot|can't|can not|could not|couldn't) be (?:determined|answered|found|established|known|said|told)\b",
    r"\b(?:nobody|no one|nothing|none of (?:the )?\w+|no (?:passage|document|source|text)) (?:\w+ )?(?:says?|knows?"
    r"|known|said|mentions?|answers?|states?"
    r"|found)\b",
    r"\b(?:not|n't) (?:quite )?(?:sure|certain|clear) (?:what|who|when|where|which|whether|how)\b",
    r"\b(?:do|does|did)(?: not|n't) (?:actually |really )?(?:know|say|tell|mention|state|appear|specify)\b",
    r"\bno (?:record|mention|information|answer|evidence|data) (?:\w+ ){0,3}(?:exists?|found|available|given|of|on"
    r"|about)\b",
)
_OTHERS: Final = {
    "de": r"\b(?:nicht|keine?\w*)\b.{0,40}\b(?:bekannt|enthalten|erwahnt|angegeben|genannt|gefunden|angaben?"
    r"|informationen"
    r"|hinweise?|antwort|auskunft)\b|\bweiss (?:es |ich )?(?:das |es )?nicht\b|\b(?:enthalt|enthalten|erwahn\w+"
    r"|nenn\w+) "
    r"(?:\w+ ){0,3}(?:nicht|keine?\w*)\b|\bunbekannt\b",
    "fr": r"\bn(?:e |')(?:\w+ ){0,2}(?:contien\w*|mentionn\w*|indiqu\w*|precis\w*|trouv\w*|sai[st]|dit|donn\w*|est"
    r"|sont|y a) "
    r"(?:pas|aucun\w*|rien)\b|\baucune (?:information|mention|reponse|donnee)\b|^\W*inconnue?\W*$",
    "es": r"\bno (?:se |lo |la )?(?:\w+ )?(?:contien\w*|menciona\w*|indica\w*|especifica\w*|encuentr\w*|encontr\w*"
    r"|sabe\w*|se\b"
    r"|dice\w*|aparece\w*|consta|figura|hay (?:informacion|mencion|respuesta|datos))|^\W*desconocid[oa]\W*$",
    "it": r"\bnon (?:\w+ ){0,2}(?:contien\w*|menzion\w*|indica\w*|specifica\w*|trova\w*|so\b|risulta|dice|conosc\w*"
    r"|(?:sono|e|ci sono|c'e) (?:present\w+|informazion\w*|indicat\w+|menzionat\w+))|^\W*sconosciut[oa]\W*$",
    "pt": r"\bnao (?:\w+ ){0,2}(?:contem|contam|menciona\w*|indica\w*|especifica\w*|encontr\w*|sei\b|consta|diz"
    r"|ha (?:informac\w*|mencao|resposta))|^\W*desconhecid[oa]\W*$",
    "nl": r"\bniet (?:\w+ ){0,2}(?:vermeld|genoemd|bekend|gevonden|gegeven)\b|\bgeen (?:informatie|vermelding"
    r"|antwoord)\b"
    r"|\bweet (?:het |ik )?(?:het )?niet\b|\bbevat\w* (?:\w+ ){0,3}niet\b|\bonbekend\b",
    "pl": r"\bnie (?:\w+ ){0,2}(?:zawiera\w*|podan\w*|wspomni\w*|wiadomo|wiem|znalezion\w*|ma (?:informacji"
    r"|odpowiedzi))\b",
    "ro": r"\bnu (?:\w+ ){0,2}(?:contin\w*|mention\w*|specific\w*|cunosc\w*|stiu|exista|gasi\w*|apar\w*)\b",
    "ru": r"\bне (?:\w+ ){0,2}(?:содерж\w*|упомин\w*|упомян\w*|указан\w*|наиден\w*|известн\w*|знаю|сказано|говорит\w*)"
    r"|\bнет (?:\w+ )?(?:информации|сведении|данных|ответа|упоминани\w*)|\bнеизвестн\w*",
    "el": r"\bδεν (?:\w+ ){0,2}(?:αναφερ\w*|περιεχ\w*|υπαρχ\w*|γνωριζ\w*|ξερω|βρεθηκ\w*)|\bαγνωστ\w*",
    "tr": r"\b(?:belirtilme\w*|bulunma\w*|bulunamadi|bilinmiyor|bilmiyorum|yer almiyor|icermiyor|bahsedilmi\w*"
    r"|bahsetmiyor)\b",
    "vi": r"\bkhong (?:\w+ ){0,3}(?:chua|de cap|thong tin|biet|tim thay|neu|nhac)\b",
    "ar": r"\bلا (?:\w+ ){0,2}(?:تحتوي|يحتوي|تذكر|يذكر|يوجد|توجد|اعرف|تتضمن|يتضمن|معلومات)|غير (?:معروف|مذكور|متوفر)"
    r"|\bلم (?:يذكر|يرد|تذكر|يتم)",
    "hi": r"(?:उल्लेख|जानकारी|उत्तर|पता)\S* (?:\S+ )?नह|नहीं (?:है|मिल|पता|दिया|बताया)|अज्ञात",
    "th": r"ไม่(?:มี|พบ|ทราบ|ได้ระบุ|ได้กล่าว|ระบุ|ปรากฏ)",
    "zh": r"(?:没有|沒有|未|不)(?:有)?(?:提到|提及|包含|說明|说明|给出|給出|找到|记载|記載|知道|详|詳|明确)"
    r"|无法(?:确定|回答|得知)|無法(?:確定|回答|得知)|没有(?:相关|任何)?(?:信息|答案)|没有这",
    "ja": r"(?:記載|含まれて|書かれて|言及|記述|情報)(?:は|が|され|も|て)*(?:い|おり|あり)*(?:ない|ません)"
    r"|[わ分]かりません|不明"
    r"|見つかりません|わからない",
    "ko": r"(?:언급|포함|기재|나와|명시|정보|내용|답)\S{0,6} ?(?:않|없|있지)|모릅니다|모르겠|알 수 없",
}
_PATTERNS: Final = tuple(regex.compile(one) for one in (*_ENGLISH, *_OTHERS.values()))


def absent(text: str) -> bool:
    """Whether an answer says that the answer is not there and cites nothing for another claim. Silence says nothing."""
    if not text.strip():
        return False
    if says_nothing(text) or abstains(text):
        return True
    said = [text[start:end] for start, end in claims(text)]
    missing = [any(one.search(plain(sentence).strip()) for one in _PATTERNS) for sentence in said]
    return any(missing) and not any(cites(one) for one, gone in zip(said, missing, strict=True) if not gone)


@dataclass(frozen=True, slots=True)
class Abstentions:
    """How often a system abstained, of questions whose answer is absent and of those whose answer is there."""

    absent_abstained: int
    absent_answered: int
    present_abstained: int
    present_answered: int

    @property
    def recall(self) -> Interval:
        """Of the questions whose answer is absent, the share it abstained on: `right` in a row of results."""
        return wilson(self.absent_abstained, self.absent_abstained + self.absent_answered)

    @property
    def wrong(self) -> Interval:
        """Of the questions whose answer is there, the share it abstained on all the same."""
        return wilson(self.present_abstained, self.present_abstained + self.present_answered)

    @property
    def precision(self) -> Interval:
        """Of the abstentions, the share that was right."""
        return wilson(self.absent_abstained, self.absent_abstained + self.present_abstained)


def abstentions(asked: Iterable[tuple[bool, bool]]) -> Abstentions:
    """Counts of pairs (the answer is absent, the system abstained)."""
    seen = list(asked)
    return Abstentions(*(seen.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))))
