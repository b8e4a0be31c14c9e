"""Whether a command holds a secret: a key, a token, a password on the line. Such a command is dropped whole.

The scrubber looks at everything that is stored; here the shape of a command says more than the text alone can
(`mysql -pHUNTER`, `curl -u anna:x`, `export TOKEN=...`), and nothing of it is worth keeping.
"""

from __future__ import annotations

import re

_NAMES = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|auth|credential)(?![a-z])"
)
_VALUE = r"(?![\"']?\$)(?![\"']?\s*$)(?:[\"'][^\"'$]{3,}|[^\s\"'$]{3,})"
_SHAPES = re.compile(
    "|".join(
        (
            rf"\b\w{{0,60}}?{_NAMES}\w{{0,40}}\s*[=:]\s*{_VALUE}",
            rf"(?<![\w-])--?[\w-]{{0,40}}?{_NAMES}[\w-]{{0,40}}[= ]\s*{_VALUE}",
            rf"\bset\s+(?:-\S{{1,9}}\s+){{0,4}}\w{{0,60}}?{_NAMES}\w{{0,40}}\s+{_VALUE}",
            r"\b(?:authorization|x-api-key|private-token|x-auth-token)\b\s*:",
            r"\bbearer\s+[A-Za-z0-9+/=._~-]{8,}",
            r"://[^\s/:@]+:[^\s/@$]+@",
            r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b.*\s-p[^\s$-]\S*",
            r"\bcurl\b.*\s(?:-u|--user)[ =]?[\"']?[^\s:]+:[^\s$]",
            r"\bsshpass\s+-p\s*\S",
            r"\b(?:echo|printf)\b.*\|\s*(?:sudo\s+-S|passwd|chpasswd|docker\s+login|gpg\b)",
            r"\bopenssl\b.*-(?:pass(?:in|out)?|k|K)\s+(?!env:|file:|stdin|fd:)\S",
            r"\bhtpasswd\b.*-\w*b",
            r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
            r"\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}",
            r"\bsk-[A-Za-z0-9_-]{16,}|\bxox[a-z]-[\w-]{8,}|\bnpm_[A-Za-z0-9]{20,}|\bpypi-[\w-]{16,}|\bhf_[A-Za-z0-9]{20,}",
            r"\bAIza[\w-]{30,}|\bya29\.[\w-]{10,}|\beyJ[\w-]{10,}\.[\w-]{10,}",
            r"-----BEGIN [A-Z ]*PRIVATE KEY",
        )
    ),
    re.IGNORECASE,
)
_LONGEST, _OVERLAP = 1_000, 250
"""Longer commands are looked at in pieces of this length: a pattern's time must not grow with the square of a line."""


def holds_secret(command: str) -> bool:
    """Whether it is better not kept."""
    step = _LONGEST - _OVERLAP
    return any(_SHAPES.search(command[at : at + _LONGEST]) for at in range(0, max(1, len(command)), step))
