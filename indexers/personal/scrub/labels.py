"""Passwords that somebody wrote down under a name: `Passwort: …`, `the wifi password is …`, `login: anna / …`.

A label in any of some twenty languages, then a sign (`:`, `=`, `=>`) or a word ("is"), then a value. What decides is
the value (`values.py`): prose after a label ("Password: required", "password = getpass()") is told from a password by
its make, so that a manual of a mail server stays as it is. The less stands between label and value, the less is asked
of it; a lone word of plain letters counts only where nothing else stands on its line after the label. Labels are
looked for once; what may follow one is tried where it ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from indexers.personal.scrub.findings import Family, Finding, Found, Pattern, Sensitive, around, spots
from indexers.personal.scrub.values import IS, VALUE, filled, plain, quoted, strong

_LABELS = (
    "password|passwd|passwort|passord|passwords?|pass ?phrase|pass ?code|passwrd|pwd|kennwort|zugangsdaten|"
    "adgangskode|kodeord|lösenord|salasana|aðgangsorð|lykilorð|mot de passe|mdp|contraseña|contrasena|clave|senha|"
    "palavra[- ]passe|wachtwoord|hasło|heslo|jelszó|parolă|parola|lozinka|geslo|şifre|sifre|κωδικός|пароль|密码|密碼|"
    "パスワード|비밀번호|mật khẩu|kata sandi|sandi|wifi[- ]?(?:key|nøgle|kode|code)|wlan[- ]?(?:schlüssel|key)|"
    "netzwerkschlüssel|network key|wpa2?[- ]?key|psk"
)
_LABEL = re.compile(rf"(?<![^\W\d_])(?:{_LABELS})(?:e[nt]|[nt])?", re.IGNORECASE)
_LITERALS = (
    "pass", "pwd", "kennwort", "zugangsdaten", "adgangskode", "kodeord", "lösenord", "salasana", "aðgangsorð",
    "lykilorð", "mdp", "contrase", "clave", "senha", "wachtwoord", "hasło", "heslo", "jelszó", "parol", "lozinka",
    "geslo", "şifre", "sifre", "κωδικός", "пароль", "密码", "密碼", "パスワード", "비밀번호", "khẩu", "sandi", "wifi",
    "wlan", "netzwerk", "wpa", "psk", "network key",
)  # fmt: skip

_OF = r"(?: {1,2}\([^()\n]{1,20}\)| [^\W\d_]{1,12}(?:-[^\W\d_]{1,8})?)"
"""A word between a label and its sign: "Passwort für WLAN:", "password (new):"."""
_SIGN = r"(?::=|=>|[:=：]|-{1,2}>)"


def _tail(shape: str) -> re.Pattern[str]:
    return re.compile(shape, re.IGNORECASE)


_TAILS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (_tail(rf"[\"'`*_]{{0,3}} {{0,3}}{_SIGN} {{0,8}}{VALUE}"), quoted),
    (_tail(r"\*{0,2} {0,3}[:：]\*{0,2} {0,8}([^\W\d_]{4,40})\.?(?=[ \t\r]*(?:\n|\Z))"), plain),
    (_tail(rf"(?: (?!is |er )[^\W\d_]{{2,12}}){{0,4}} {IS} {VALUE}"), strong),
    (_tail(rf"(?: [^\W\d_]{{2,15}}){{0,7}} (?:to|til|till|auf|zu) {VALUE}"), strong),
    (_tail(rf"{_OF}{{0,4}} {{0,2}}{_SIGN}[ \t]{{0,8}}{VALUE}"), strong),
    (_tail(rf"(?: -{{1,2}}| –|[:：]? {{0,3}}\n| )[ \t]{{0,8}}{VALUE}"), strong),
)
_CELL = re.compile(r": ([^|\n⟦]{1,200}?)(?= \||\n|\Z)")
"""A cell of a table, as rows are written here: the whole cell is the password, whatever it is."""

_WEAKLY = re.compile(
    rf"(?<![^\W\d_])(?:(?:pw|pass|koden?|wi-?fi[- ]?koden?)(?: til [^\W\d_]{{2,12}}(?:-[^\W\d_]{{1,8}})?)?"
    rf"(?: {{0,3}}{_SIGN}| {IS})|pw )[ \t]{{0,8}}{VALUE}",
    re.IGNORECASE,
)
_PAIRED = re.compile(
    rf"(?<![^\W\d_])(?:log-?in|user(?:name|/pass(?:word)?)?|brugernavn|bruger|benutzer(?:name)?|usuario|wi-?fi|wlan)"
    rf" ?[:=] ?[^\s/|,;]{{1,60}} ?[/|,;] ?{VALUE}",
    re.IGNORECASE,
)


def _labelled(text: str, lowered: str, present: Sequence[str]) -> Iterator[Finding]:
    for start, stop in around(text, spots(lowered, present)):
        for label in _LABEL.finditer(text, start, stop):
            for tail, good in _TAILS:
                yield from _after(text, label.end(), tail, good)
            if _first_in_cell(text, label.start()):
                yield from _after(text, label.end(), _CELL, filled)


def _after(text: str, at: int, tail: re.Pattern[str], good: Callable[[str], bool]) -> Iterator[Finding]:
    match = tail.match(text, at)
    if match and match.lastindex and good(match[match.lastindex]):
        yield Finding(Sensitive.PASSWORD, *match.span(match.lastindex))


def _first_in_cell(text: str, at: int) -> bool:
    """Whether a place is where a table's cell begins, in a row that has more than one."""
    if text[max(0, at - 2) : at] == "| ":
        return True
    end = text.find("\n", at)
    return (at == 0 or text[at - 1] == "\n") and " | " in text[at : end if end >= 0 else len(text)]


FINDERS = (
    Found(_LITERALS, _labelled),
    Family(("pw", "pass", "kode"), (Pattern(Sensitive.PASSWORD, _WEAKLY, strong),), near=True),
    Family(
        ("login", "log-in", "user", "bruger", "benutzer", "usuario", "wifi", "wi-fi", "wlan"),
        (Pattern(Sensitive.PASSWORD, _PAIRED, strong),),
        near=True,
    ),
)
