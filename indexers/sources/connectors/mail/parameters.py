"""`text/plain; charset="utf-8"; name*0*=UTF-8''r%C3%A9`: a field's word and its parameters, by RFC 2045 and RFC 2231.

Met besides: RFC 2047 words inside quotes, spaces without quotes, no `;` between parameters, quotes that never close.
Linear; never raises.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from indexers.sources.connectors.mail import charsets, headers

_PARAMETER = re.compile(r"""[;\s]*([^\s=;"()<>@,/\[\]?]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))""", re.DOTALL)
_SECTION = re.compile(r"([^*]+)\*?(\d{0,3})(\*?)")
_WORD = re.compile(r"\s*([^\s;]*)")
_MOST = 100


def parse(value: str) -> tuple[str, dict[str, str]]:
    """The word before the first `;` in lower case, and the parameters by name in lower case, decoded."""
    first = _WORD.match(value)
    word = first.group(1).lower() if first else ""
    at = first.end() if first else 0
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for _ in range(_MOST):
        found = _PARAMETER.match(value, at)
        if not found:
            at = value.find(";", at + 1)
            if at < 0:
                break
            continue
        at = found.end()
        content = re.sub(r"\\(.)", r"\1", found.group(2)) if found.group(2) is not None else found.group(3).strip()
        name = _SECTION.fullmatch(found.group(1).lower())
        if name:
            encoded = found.group(1).endswith("*")
            sections.setdefault(name.group(1), []).append((int(name.group(2) or 0), encoded, content))
    return word, {name: _joined(parts) for name, parts in sections.items()}


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    """The value of a parameter from its sections, of which the first may name the charset: `UTF-8'en'...`."""
    plain = [part for part in parts if not part[1]]
    if len(plain) == len(parts):
        unique = {number: content for number, _, content in reversed(parts)}
        return headers.words("".join(unique[number] for number in sorted(unique)))
    charset = ""
    data = b""
    chosen = parts if len({part[0] for part in parts}) == len(parts) else [part for part in parts if part[1]]
    for number, encoded, content in sorted(chosen):
        if encoded and number == 0 and content.count("'") >= 2:
            charset = content.partition("'")[0]
            data += unquote_to_bytes(content.split("'", 2)[2])
        else:
            data += unquote_to_bytes(content) if encoded else content.encode("utf-8", "replace")
    return charsets.text(data, charset)[0]
