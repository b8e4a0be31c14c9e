"""WhatsApp's own words in the languages of phones: halves of the day, deleted, left out, once only, disappearing.

Not complete, and it need not be: what is not known here stays an ordinary text of its message. The words are those of
the interface, collected from issues of exporters and viewers; only a deleted message's own notice is matched whole.
"""

from __future__ import annotations

import re
from typing import Final

from indexers.sources.words import words

_MORNING: Final = words("am a 上午 午前 오전 早上 凌晨 清晨 πμ ص قم sa öö öo de fm pg पूर्वाह्न vorm")
_AFTERNOON: Final = words("pm p 下午 午後 午后 오후 晚上 中午 傍晚 μμ م بظ ch ös du em ptg अपराह्न nachm")
_DELETED: Final = frozenset(
    line.strip()
    for line in """
    this message was deleted
    you deleted this message
    deleted this message
    diese nachricht wurde gelöscht
    du hast diese nachricht gelöscht
    se eliminó este mensaje
    este mensaje fue eliminado
    eliminaste este mensaje
    has eliminado este mensaje
    ce message a été supprimé
    vous avez supprimé ce message
    questo messaggio è stato eliminato
    hai eliminato questo messaggio
    mensagem apagada
    esta mensagem foi apagada
    você apagou esta mensagem
    esta mensagem foi eliminada
    dit bericht is verwijderd
    dit bericht werd verwijderd
    u hebt dit bericht verwijderd
    je hebt dit bericht verwijderd
    данное сообщение удалено
    вы удалили данное сообщение
    это сообщение удалено
    bu mesaj silindi
    bu mesajı sildiniz
    wiadomość została usunięta
    ta wiadomość została usunięta
    det här meddelandet togs bort
    denne besked blev slettet
    denne meldingen ble slettet
    tämä viesti poistettiin
    您已删除此消息
    此消息已删除
    此訊息已刪除
    このメッセージは削除されました
    このメッセージを削除しました
    삭제된 메시지입니다
    pesan ini telah dihapus
    anda menghapus pesan ini
    """.splitlines()
    if line.strip()
)
_BY_ADMIN: Final = re.compile(r"this message was deleted by admin\b.*", re.IGNORECASE)
_ONCE: Final = re.compile(
    r"view[- ]once|einmalig\w* ansicht|einmal ansehen|einmalansicht|visualización única|ver una sola vez|vue unique|"
    r"visualizza una volta|visualizzazione unica|visualização única|eenmalig|однократн|查看一次|1回限り",
    re.IGNORECASE,
)
_ATTACHED: Final = re.compile(
    r"file attached|datei angehängt|archivo adjunto|fichier joint|file allegato|arquivo anexado|ficheiro anexado|"
    r"bestand bijgevoegd|файл добавлен|файл прикреплен|dosya ekli|plik załączony|bifogad fil|附件|"
    r"添付ファイル|파일 첨부|file terlampir",
    re.IGNORECASE,
)
_OMITTED: Final = re.compile(
    r"omitted|weggelassen|ausgelassen|omitid|omess[oaie]|absent|omis\b|ocultad|weggelaten|пропущен|не включ|"
    r"dahil edilmedi|pominięt|utelämna|utelatt|udeladt|省略|略过|생략|tidak disertakan",
    re.IGNORECASE,
)
_VANISHING: Final = re.compile(
    r"disappearing messages|messages will disappear|message timer|selbstlöschend|nachrichten verschwinden|"
    r"mensajes temporales|messages éphémères|messaggi effimeri|mensagens temporárias|verdwijnende berichten|"
    r"исчезающ|süreli mesaj|znikając|限时消息|限時訊息|消えるメッセージ|사라지는 메시지",
    re.IGNORECASE,
)
_OFF: Final = re.compile(
    r"turned off|deaktivier|ausgeschaltet|desactiv|désactiv|disattiv|desativ|uitgeschakeld|отключ|выключ|kapat|wyłącz|"
    r"关闭|關閉|オフ|해제",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(
    r"whatsapp.*?(?:\s-|\s–|\b(?:with|mit|con|com|avec|met|med|ile|z|с контактом|с))\s+(?P<with>.+)$|"
    r"^(?P<before>.+?)\s*(?:ile|との|与|與)\s*whatsapp",
    re.IGNORECASE,
)
_COPY: Final = re.compile(r"\s*\(\d+\)$")


def afternoon(half: str) -> bool | None:
    """Whether the word for a half of the day is the second one; None where it is neither, or none."""
    word = re.sub(r"[.\s]", "", half).casefold()
    return True if word in _AFTERNOON else False if word in _MORNING else None


def is_deleted(text: str) -> bool:
    """Whether a whole text (without its full stop) is the notice that a message was deleted."""
    return text.strip(" .。").casefold() in _DELETED or _BY_ADMIN.fullmatch(text) is not None


def is_view_once(text: str) -> bool:
    """Whether a text speaks of a message that is shown once."""
    return len(text) < 200 and _ONCE.search(text) is not None


def is_attached(text: str) -> bool:
    """Whether the words in parentheses after a file's name say that it is attached."""
    return _ATTACHED.search(text) is not None


def is_omitted(text: str) -> bool:
    """Whether a text stands for a file that was not exported."""
    return len(text) < 60 and _OMITTED.search(text) is not None


def vanishing(text: str) -> bool | None:
    """Whether a system line turns disappearing messages on or off; None where it does neither."""
    return _OFF.search(text) is None if _VANISHING.search(text) else None


def title(name: str) -> str:
    """With whom a chat is, from the name of its file or archive; empty where that does not say so."""
    found = _TITLE.search(_COPY.sub("", name.strip()))
    return _COPY.sub("", (found["with"] or found["before"]).strip()) if found else ""
