"""What a mailbox or a label means, in the languages that mail programs speak: inbox, sent, draft, spam, trash.

Gmail's export writes `X-Gmail-Labels` as a comma list in the account's language, as one RFC 2047 text where it is not
ASCII: decoded first, split then; a label that holds a comma stands in quotes. Thunderbird, Apple Mail and IMAP servers
name folders by the same words (`[Gmail]/Papelera`, `.INBOX.Gel&APY-schte Objekte`).
The words are those of the programs' interfaces. A label of the user's own that is called "Spam" is taken for it.
"""

from __future__ import annotations

import base64
import csv
import re
from enum import StrEnum

from indexers.sources.connectors.base import Caution


class Role(StrEnum):
    """What a mailbox or a flag says of a mail."""

    SENT = "sent"
    DRAFT = "draft"
    SPAM = "spam"
    TRASH = "trash"
    DELETED = "deleted"


CAUTIONS = {Role.SPAM: Caution.SPAM, Role.TRASH: Caution.TRASH, Role.DELETED: Caution.DELETED}

_NAMES = {
    Role.SENT: """sent|sent mail|sent items|sent messages|sent-mail|outbox|gesendet|gesendete objekte
        gesendete elemente|postausgang|envoyés|messages envoyés|éléments envoyés|enviados|enviado|elementos enviados
        mensajes enviados|e-mails enviados|itens enviados|correio enviado|inviata|inviati|posta inviata|verzonden
        verzonden berichten|verzonden items|skickat|skickade|skickade objekt|sendt|sendte|sendt post|sendte elementer
        lähetetyt|lähetetyt viestit|wysłane|elementy wysłane|odeslané|odeslaná pošta|odoslané|odoslaná pošta
        отправленные|надіслані|gönderilmiş|gönderilmiş postalar|gönderilmiş öğeler|送信済み|送信済みメール
        送信済みアイテム|已发送|已发邮件|已发送邮件|寄件備份|寄件匣|已傳送郵件|보낸편지함|보낸 편지함|elküldött
        elküldött üzenetek|elküldött elemek|trimise|mesaje trimise|απεσταλμένα|נשלח|דואר יוצא|البريد المرسل|المرسلة
        đã gửi|thư đã gửi|terkirim|изпратени""",
    Role.DRAFT: """draft|drafts|entwürfe|entwurf|brouillon|brouillons|borradores|borrador|rascunhos|rascunho
        bozze|bozza|concepten|concept|utkast|kladder|kladde|luonnokset|luonnos|wersje robocze|kopie robocze|szkice
        koncepty|rozepsané|черновики|чернетки|taslaklar|taslak|下書き|草稿|草稿箱|草稿匣|임시보관함|임시 보관함
        piszkozatok|schițe|mesaje nefinalizate|πρόχειρα|טיוטות|المسودات|thư nháp|bản nháp|draf|чернови""",
    Role.SPAM: """spam|junk|junk e-mail|junk email|junk mail|bulk|bulk mail|spamverdacht|werbung|unerwünscht
        spam-verdacht|junk-e-mail|courrier indésirable|indésirables|pourriel|pourriels|correo no deseado|no deseado
        correo basura|lixo eletrônico|lixo electrónico|correio eletrônico não desejado|posta indesiderata
        indesiderata|ongewenste e-mail|ongewenst|reclame|skräppost|skräp|søppelpost|uønsket e-post|uønsket mail
        uønsket post|roskaposti|wiadomości-śmieci|wiadomości śmieci|niechciane|nevyžádaná pošta|nevyžiadaná pošta
        спам|нежелательная почта|небажана пошта|istenmeyen|gereksiz|gereksiz e-posta|önemsiz|önemsiz e-posta
        迷惑メール|垃圾邮件|垃圾郵件|스팸|스팸함|정크 메일|levélszemét|nemkívánatos|ανεπιθύμητα
        ανεπιθύμητη αλληλογραφία|דואר זבל|ספאם|البريد العشوائي|رسائل غير مرغوب فيها|mesaje nedorite|thư rác
        нежелана поща""",
    Role.TRASH: """trash|bin|deleted|deleted items|deleted messages|deleted mail|papierkorb|gelöscht
        gelöschte objekte|gelöschte elemente|corbeille|éléments supprimés|messages supprimés|papelera
        elementos eliminados|eliminados|lixeira|lixo|itens excluídos|itens eliminados|cestino|posta eliminata
        eliminati|prullenbak|prullenmand|verwijderde items|verwijderd|papperskorg|papperskorgen|borttaget
        borttagna objekt|papirkurv|papirkurven|søppel|slettet|slettede elementer|slettet post|roskakori|poistetut
        poistetut viestit|kosz|elementy usunięte|usunięte|koš|odstraněná pošta|kôš|odstránená pošta|корзина|удаленные
        удалённые|кошик|видалені|çöp|çöp kutusu|silinmiş öğeler|ゴミ箱|削除済みアイテム|已删除邮件|已删除|垃圾箱
        废件箱|垃圾桶|刪除的郵件|휴지통|지운 편지함|지운편지함|kuka|törölt elemek|coș de gunoi|elemente șterse
        κάδος απορριμμάτων|διαγραμμένα|אשפה|פריטים שנמחקו|المهملات|سلة المهملات|thùng rác|sampah|кошче""",
}  # fmt: skip

_ROLES = {
    name.strip().casefold(): role
    for role, names in _NAMES.items()
    for line in names.splitlines()
    for name in line.split("|")
}
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")


def role(name: str) -> Role | None:
    """What a label or the last part of a folder's name means, if it means one of the roles."""
    return _ROLES.get(" ".join(name.split()).casefold())


def roles(names: tuple[str, ...]) -> frozenset[Role]:
    """The roles among labels or folders."""
    return frozenset(found for name in names if (found := role(name)))


def gmail(value: str) -> tuple[str, ...]:
    """The labels of a decoded `X-Gmail-Labels`, in their order."""
    try:
        row = next(csv.reader([value[:10_000]], skipinitialspace=True), [])
    except csv.Error:
        row = value.split(",")
    return tuple(dict.fromkeys(label for word in row if (label := " ".join(word.split()))))


def modified_utf7(name: str) -> str:
    """A folder's name as IMAP servers write it (RFC 3501, 5.1.3): `Gel&APY-scht` is `Gelöscht`, `&-` is `&`."""
    return _SHIFTED.sub(_unshifted, name) if "&" in name else name


def _unshifted(found: re.Match[str]) -> str:
    inner = found.group(1)
    if not inner:
        return "&"
    try:
        return base64.b64decode(inner.replace(",", "/") + "=" * (-len(inner) % 4)).decode("utf-16-be")
    except ValueError:
        return found.group()
