"""What somebody wrote in a mail, apart from what they quote: by the marks that mail programs leave in plain text.

    > quoted lines                       anywhere
    On 1 May 2024, Anna wrote:           and what follows: its `>` lines, or everything where it has none
    -----Original Message-----           and everything after
    From: ... Sent: ... Subject: ...     (Outlook) and everything after
    `-- `                                a signature, to the end or to the next quotation

in the words of some twenty languages. What is forwarded is kept as text: it may be the only copy there is.
Line by line, each line looked at a bounded number of times. `mail-parser-reply` knows eight of the languages, but takes
time in the square of a line's length (0.07 s for 1,600 characters after "On", so hours for a line of a megabyte) and
strips the indent of every line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = 300
"""Characters of a line that are looked at: longer ones are no attribution."""
_WRAPPED = 3
"""Lines over which an attribution may be wrapped."""
_MOST = 50_000
"""Lines that are looked at: the rest of a longer text is taken as it stands."""
_SIGNED = 30
"""A signature of more lines is none: somebody drew a rule."""

_WROTE = re.compile(
    r"(?:\b(?:wrote|writes|schrieb|schreibt|geschrieben|a écrit|escribi[oó]|ha scritto|scrisse|escreveu|schreef|skrev|"
    r"kirjoitti|napisał\(?a?\)?|pisze|napsala?|napísala?|пишет|писала?|написала?|написав|пише|yazdı|írta|a scris|"
    r"έγραψε|đã viết|menulis|rašė|rakstīja|kirjutas|je napisao|je pisal|"
    r"wrote the following)\b|写道|寫道|のメール|書きました|作成|"
    r"작성|썼습니다|כתב|كتب)(?:[^:：]|:\s?\d){0,90}[:：]\s*$",
    re.IGNORECASE,
)
_STARTS = re.compile(
    r"(?:on|am|le|el|il|em|op|den|der|dne|dňa|dnia|w dniu|no dia|a|pe|la|στις|в|у|вт|от|tarihinde|vào|pada|kl|"
    r"(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|gio|seg|qua|qui|sex|"
    r"man|tir|ons|tor|fre|lør|søn|mån|tis|lör|sön|ma|ti|ke|to|pe|la|su|pn|wt|śr|czw|pt|sob|"
    r"ndz|po|út|st|čt|pá|so|ne|пн|ср|чт|пт|сб|вс|pzt)\w*"
    r"\.?,?)\s|[\d<\u3000-\u9fff\uac00-\ud7af\u0590-\u06ff]",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"<[^<>\s]{1,100}@[^<>\s]{1,100}>")
_DATED = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[:.]\d\d|\d{1,2}[./]\d{1,2}[./]\d\d|@|(?:19|20)\d\d年")
_ORIGINAL = frozenset(
    phrase.strip()
    for line in """original message|original appointment|ursprüngliche nachricht|originalnachricht|message d'origine
        message d’origine|message original|mensaje original|messaggio originale|mensagem original
        oorspronkelijk bericht|originalmeddelande|ursprungligt meddelande|oprindelig meddelelse
        opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość|původní zpráva
        původní e-mail|pôvodná správa|исходное сообщение|оригинальное сообщение|оригінальне повідомлення
        orijinal mesaj|özgün ileti|eredeti üzenet|mesaj original|αρχικό μήνυμα|original-nachricht
        元のメッセージ|原始邮件|原始郵件|원본 메시지|הודעה מקורית""".splitlines()
    for phrase in line.split("|")
)
"""What stands between dashes above the mail that is answered, in lower case."""
_DASHES = " \t\u00a0-_—*>"
_FORWARDED = re.compile(
    r"(?:begin )?(?:forwarded message|forwarded by|weitergeleitete nachricht|anfang der weitergeleiteten|"
    r"message transféré|message transmis|début du message réexpédié|mensaje reenviado|inicio del mensaje reenviado|"
    r"messaggio inoltrato|inizio messaggio inoltrato|mensagem encaminhada|mensagem reencaminhada|doorgestuurd bericht|"
    r"begin doorgestuurd bericht|vidarebefordrat (?:brev|meddelande)|videresendt (?:besked|melding|e-post|mail)|"
    r"välitetty viesti|wiadomość przekazana|przekazana wiadomość|přeposlaná zpráva|preposlaná správa|"
    r"пересылаемое сообщение|пересланное сообщение|переслане повідомлення|yönlendirilmiş ileti|iletilen mesaj|"
    r"továbbított (?:üzenet|levél)|mesaj redirecționat|προωθημένο μήνυμα|転送メッセージ|转发的邮件|轉寄郵件|"
    r"전달된 메일)",
    re.IGNORECASE,
)
_FORWARDS = re.compile(
    r"\s*(?:fwd?|wg|wtr|tr|rv|i|enc|doorst|vs|vb|vl|pd|přep|fs|пересл|ynt|ilt|továbbítás|fw|"
    r"转发|轉寄|전달|転送)\s*[:：]",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"(?:from|von|de|da|van|från|fra|lähettäjä|od|от|від|kimden|feladó|de la|"
    r"από|差出人|发件人|寄件者|보낸 사람|מאת)"
    r"\s{0,3}\*?\s{0,3}[:：]",
    re.IGNORECASE,
)
_HEADED = re.compile(
    r"(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|objet|à|enviado(?: el)?|fecha|para|asunto|"
    r"inviato|data|a|oggetto|enviada(?: em)?|assunto|verzonden|aan|onderwerp|skickat|till|ämne|sendt|dato|til|emne|"
    r"lähetetty|päivämäärä|vastaanottaja|aihe|wysłano|wysłane|do|temat|odesláno|komu|předmět|odoslané|predmet|"
    r"отправлено|дата|кому|тема|надіслано|gönderildi|kime|konu|elküldve|címzett|tárgy|trimis|către|subiect|"
    r"στάλθηκε|προς|θέμα|送信日時|宛先|件名|发送时间|收件人|主题|寄件日期|收件者|主旨|보낸 날짜|받는 사람|제목|נשלח|אל|"
    r"נושא)"
    r"\s{0,3}\*?\s{0,3}[:：]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail's own text, what it quotes, and its signature."""

    new: str
    quoted: str = ""
    signature: str = ""


def forwards(subject: str) -> bool:
    """Whether a subject says that the mail forwards another (`Fwd:`, `WG:`, `TR:`, `RV:`, ...)."""
    return _FORWARDS.match(subject) is not None


def split(text: str, forwarded: bool = False) -> Reply:
    """The parts of a mail's text. `forwarded`: it forwards another, so what it holds of that is text."""
    lines = text.split("\n")
    mine = [True] * len(lines)
    at = 0
    while at < min(len(lines), _MOST):
        line = lines[at][:_LINE]
        if line.startswith(">") and not forwarded:
            mine[at] = False
        elif forwarded_here(line):
            break  # the rest is what was forwarded
        elif not forwarded and (_ruled(line) or _headed(lines, at)):
            mine[at:] = [False] * (len(lines) - at)
            break
        elif not forwarded and (size := _attribution(lines, at)):
            stop = _cited(lines, at + size)
            mine[at:stop] = [False] * (stop - at)
            at = stop
            continue
        at += 1
    return _reply(lines, mine)


def forwarded_here(line: str) -> bool:
    """Whether a line says that a forwarded mail follows."""
    return _FORWARDED.match(line[:_LINE].lstrip(_DASHES)) is not None


def headed(text: str) -> bool:
    """Whether a text begins with Outlook's header of the mail that is answered."""
    return _headed([line for line in text[:2_000].split("\n") if line.strip()] or [""], 0)


def _ruled(line: str) -> bool:
    """Whether a line says between dashes that the original mail follows."""
    words = line.strip(_DASHES)
    return words.casefold() in _ORIGINAL and line.count("-") + line.count("_") + line.count("—") > 3


def _headed(lines: list[str], at: int) -> bool:
    """Whether Outlook's header of the mail replied to begins here: a sender, and two more fields in six lines."""
    if not _HEAD.match(lines[at][:_LINE].lstrip(_DASHES)):
        return False
    return sum(1 for line in lines[at + 1 : at + 7] if _HEADED.match(line[:_LINE].lstrip(_DASHES))) >= 2


def _attribution(lines: list[str], at: int) -> int:
    """Of how many lines the "On ..., Anna wrote:" is that begins here; 0 where none does."""
    joined = ""
    for size in range(1, _WRAPPED + 1):
        if at + size > len(lines) or not lines[at + size - 1].strip():
            return 0
        joined = f"{joined} {lines[at + size - 1][:_LINE].strip()}".strip()
        if len(joined) > _LINE or (size == 2 and not _STARTS.match(joined)):
            return 0
        if joined.endswith((":", "：")) and _WROTE.search(joined):
            after = next((line for line in lines[at + size : at + size + 3] if line.strip()), "")
            begins = _STARTS.match(joined) or _ADDRESS.search(joined)
            return size if after.startswith(">") or (begins and _DATED.search(joined)) else 0
    return 0


def _cited(lines: list[str], at: int) -> int:
    """Where the quotation after an attribution ends: after its `>` lines, or at the end where it has none."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    if at < len(lines) and not lines[at].startswith(">"):
        return len(lines)
    while at < len(lines) and lines[at].startswith(">"):
        at += 1
    return at


def _reply(lines: list[str], mine: list[bool]) -> Reply:
    signed = next((at for at, line in enumerate(lines) if mine[at] and line in {"-- ", "--"}), len(lines))
    end = next((at for at in range(signed, len(lines)) if not mine[at]), len(lines))
    if end - signed > _SIGNED:
        signed = end = len(lines)
    new = [line for at, line in enumerate(lines) if mine[at] and not signed <= at < end]
    quoted = [line for at, line in enumerate(lines) if not mine[at]]
    return Reply(_tidy(new), _tidy(quoted), _tidy(lines[signed + 1 : end]))


def _tidy(lines: list[str]) -> str:
    """Lines as text, with no more than one empty line between others, and no spaces at their ends."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")
