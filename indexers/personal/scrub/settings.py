"""Secrets that programs are given: settings (`API_KEY=…`), JSON (`"client_secret": "…"`), headers, cookies, command
lines.

Knows how settings are written; `values.py` judges what stands in them.
"""

from __future__ import annotations

import re

from indexers.personal.scrub.findings import Family, Pattern, Sensitive
from indexers.personal.scrub.values import IS, VALUE, filled, keylike, mixed, setting

_KEYS = (
    r"api[ _-]?key|private[ _-]?key|api[ _-]?secret|api[ _-]?token|secret[ _-]?key|access[ _-]?key(?:[ _-]?id)?|"
    r"access[ _-]?token|auth[ _-]?token|refresh[ _-]?token|client[ _-]?secret|consumer[ _-]?secret|private[ _-]?token|"
    r"bearer[ _-]?token|secret[ _-]?access[ _-]?key|signing[ _-]?(?:key|secret)|encryption[ _-]?key|"
    r"deploy[ _-]?key|license[ _-]?key|"
    r"app[ _-]?secret|webhook[ _-]?secret|account[ _-]?key|storage[ _-]?key|session[ _-]?token|subscription[ _-]?key|"
    r"api[ _-]?nøgle|api[ _-]?schlüssel|clé api|clave api|geheimschlüssel|geheimer schlüssel"
)
_TAGGED = re.compile(
    r"<(?:\w{1,20}:)?(?:password|passwd|passwort|secret|token|api_?key)(?: [^<>]{0,100})?>([^<>\s⟦]{4,200})</"
    r"|(?:key|name)=[\"'][\w.:-]{0,40}(?:password|secret|token|api_?key|access_?key)[\"'] value=[\"']([^\"'⟦]{4,200})"
    r"|type=[\"']?password[\"']?[^<>]{0,80}? value=[\"']([^\"'⟦]{4,100})",
    re.IGNORECASE,
)
_KEYED = re.compile(
    rf"(?<![^\W\d_])(?:{_KEYS})[\"'`*]{{0,3}} {{0,3}}(?::=|=>|[:=：]| {IS} ) {{0,8}}{VALUE}", re.IGNORECASE
)
_SETTING = re.compile(
    r"^[ \t]{0,40}(?:export |set |ENV |setenv |- )?\$?[A-Za-z_][A-Za-z0-9_.]{0,60}?"
    r"(?:PASSWORD|PASSWD|PASSWORT|PWD|PASS|SECRET|TOKEN|API_?KEY|ACCESS_KEY(?:_ID)?|CREDENTIALS?|AUTH|"
    rf"DSN|_KEY|_SALT)[A-Z0-9_]{{0,20}} ?[=:] ?{VALUE}",
    re.MULTILINE,
)
_HEADER = re.compile(
    r"(?:authorization|proxy-authorization)[\"']? ?[:=] ?[\"']?(?:(?:bearer|basic|token|digest|apikey) +)?"
    r"([A-Za-z0-9_.~+/=:-]{8,4000})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\bbearer +([A-Za-z0-9_.~+/=-]{20,4000})", re.IGNORECASE)
_COOKIE = re.compile(r"^(?:set-)?cookie: ?([^\n⟦]{8,4000})", re.IGNORECASE | re.MULTILINE)
_NETRC = re.compile(r"\bmachine \S{1,200}\s+login \S{1,200}\s+password (\S{1,200})")
_FLAG = re.compile(
    r"(?:curl|wget|mysql|psql|sshpass|docker|ldapsearch|smbclient)\b[^\n]{0,300}? "
    r"(?:(?:-u|--user)[ =]?[\"']?[\w.@-]{1,60}:|(?<=sshpass )-p ?[\"']?|-p[\"']?)([^\s\"':⟦]{4,100})"
)
_OPTION = re.compile(rf"(?<![\w-])--?(?:password|passwd|passphrase|pass|pwd|token|api-?key)[ =]{VALUE}", re.IGNORECASE)

_KEY_LITERALS = ("key", "secret", "token", "nøgle", "schlüssel", "clé", "clave")

FAMILIES = (
    Family(("</", "type=", "value="), (Pattern(Sensitive.PASSWORD, _TAGGED, filled),), near=True),
    Family(("-pass", "-pwd", "-token", "-api"), (Pattern(Sensitive.PASSWORD, _OPTION, mixed),), near=True),
    Family(_KEY_LITERALS, (Pattern(Sensitive.TOKEN, _KEYED, keylike),), near=True),
    Family(
        ("pass", "pwd", "secret", "token", "key", "auth", "dsn", "salt", "cred"),
        (Pattern(Sensitive.PASSWORD, _SETTING, setting),),
        near=True,
    ),
    Family(("authorization",), (Pattern(Sensitive.TOKEN, _HEADER, keylike),), near=True),
    Family(("bearer ",), (Pattern(Sensitive.TOKEN, _BEARER, keylike),), near=True),
    Family(("cookie:",), (Pattern(Sensitive.TOKEN, _COOKIE, lambda value: "=" in value),), near=True),
    Family(("machine ",), (Pattern(Sensitive.PASSWORD, _NETRC),), near=True),
    Family(
        ("curl", "wget", "mysql", "psql", "sshpass", "docker", "ldapsearch", "smbclient"),
        (Pattern(Sensitive.PASSWORD, _FLAG, mixed),),
        near=True,
    ),
)
