"""Credentials in addresses and connection strings: `user:password@host`, `?access_token=`, `AccountKey=...;`.

Only the credential is found, so that the address stays readable; what may follow `code=` or `key=` for other reasons
(a product's code, an API's list key) must look like something a machine drew by lot.
"""

from __future__ import annotations

import re

from indexers.personal.scrub.findings import Family, Pattern, Sensitive
from indexers.personal.scrub.values import mixed

_NAMED = (
    r"access_?token|refresh_?token|id_?token|auth_?token|oauth_?token|api_?key|app_?key|secret_?key|client_?secret|"
    r"x-amz-(?:signature|credential|security-token)|awsaccesskeyid|x-goog-(?:signature|credential)|"
    r"password|passwd|pwd|pass|session_?id|phpsessid|jsessionid|reset_?token|magic_?(?:link|token)|login_?token|"
    r"confirm(?:ation)?_?token|verif(?:y|ication)_?(?:token|code)|invite_?token|unsubscribe_?token"
)
_VAGUE = r"token|auth|key|sig|signature|secret|code|sid|ticket|hash|hmac|jwt|otp|t|k|h|s|pass_?key|state|nonce|invite"

_USERINFO = re.compile(
    r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@?#\"'<>⟦]{0,100}:([^\s/@?#\"'<>⟦]{1,200})@[A-Za-z0-9\[]"
)
_PARAMETER = re.compile(rf"[?&#;](?:{_NAMED})=([^\s&#\"'<>⟦)\]]{{4,2000}})", re.IGNORECASE)
_VAGUELY = re.compile(rf"[?&#](?:amp;)?(?:{_VAGUE})=([A-Za-z0-9_.~%+/=-]{{16,2000}})", re.IGNORECASE)
_SETTINGS = "password|pwd|accountkey|sharedaccesskey|sharedaccesssignature|access ?key|secret ?key"
_CONNECTION = re.compile(
    rf";[ ]?(?:{_SETTINGS}) ?= ?([^\s;\"'\n⟦]{{3,300}})|\b(?:{_SETTINGS}) ?= ?([^\s;\"'⟦]{{3,300}});", re.IGNORECASE
)
_HOOK = re.compile(
    r"https://(?:hooks\.slack\.com/(?:services|workflows)/|discord(?:app)?\.com/api/webhooks/|outlook\.office\.com/webhook/"
    r"|api\.telegram\.org/bot|[a-z0-9-]+\.webhook\.office\.com/)([^\s\"'<>⟦)\]]{16,300})"
)
_PLACEHOLDER = re.compile(
    r"\$\{?\w+\}?|\{\w*\}|<.*|\*+|x{3,}|\[?(?:your[-_]?)?(?:password|passwd|pass|pwd|secret|token)\]?", re.IGNORECASE
)


def drawn(value: str) -> bool:
    """Whether a value looks as if drawn by lot: long, with digits among letters and hardly a word."""
    digits = sum(char.isdigit() for char in value)
    letters = sum(char.isalpha() for char in value)
    longest = max(map(len, re.findall("[a-z]+", value)), default=0)
    return len(value) >= 16 and digits >= 2 and letters >= 4 and longest < 12


def _real(value: str) -> bool:
    return not _PLACEHOLDER.fullmatch(value)


FAMILIES = (
    Family(("://",), (Pattern(Sensitive.LINK, _USERINFO, _real),), near=True),
    Family(("hooks.slack", "webhook", "api.telegram.org"), (Pattern(Sensitive.LINK, _HOOK),), near=True),
    Family(
        ("?", "&", "#"),
        (Pattern(Sensitive.LINK, _PARAMETER, _real), Pattern(Sensitive.LINK, _VAGUELY, drawn)),
        near=True,
    ),
    Family(
        ("password", "pwd", "accountkey", "sharedaccess", "access key", "accesskey", "secret key", "secretkey"),
        (Pattern(Sensitive.PASSWORD, _CONNECTION, mixed),),
        near=True,
    ),
)
