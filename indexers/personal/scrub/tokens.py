"""Tokens that services give out, told by their prefixes, and private keys by their armour.

Prefixes are those that the services publish for secret scanners (GitHub's and GitLab's token formats, AWS's unique id
prefixes, Slack's token types with `xoxe`, which stands in every Slack export). detect-secrets knows many of them too
(`plugins.py`); these are kept here because it misses some forms, and because these are as fast as a search for words.
"""

from __future__ import annotations

import base64
import json
import re

from indexers.personal.scrub.findings import Family, Pattern, Sensitive

_B = r"(?<![A-Za-z0-9_])"

_PREFIXED = (
    # Anthropic, OpenAI and those who copied their form
    (("sk-",), r"sk-(?:proj|svcacct|admin|ant-[a-z]{2,8}\d{2}|or-v1|lf|live|test)-[A-Za-z0-9_-]{16,250}"),
    (("sk-",), r"sk-[A-Za-z0-9]{32,64}(?![A-Za-z0-9_-])"),
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    (("github_pat_",), r"github_pat_[A-Za-z0-9_]{22,255}"),
    (
        ("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "glcbt-", "glimt-", "glptt-", "glagent-", "gloas-"),
        r"gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-[A-Za-z0-9_.-]{20,255}",
    ),
    (("xox", "xapp"), r"(?:xox[abceoprsd](?:\.xox[bp])?|xapp)-[A-Za-z0-9-]{10,250}"),
    (("akia", "asia", "abia", "acca"), r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])"),
    (("aiza",), r"AIza[A-Za-z0-9_-]{35}"),
    (("gocspx-",), r"GOCSPX-[A-Za-z0-9_-]{20,40}"),
    (("ya29.",), r"ya29\.[A-Za-z0-9_-]{20,1000}"),
    (("1//0",), r"1//0[A-Za-z0-9_-]{30,200}"),
    (("sk_", "rk_", "pk_", "whsec_"), r"(?:[srp]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,250}"),
    (("sg.",), r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}"),
    (("npm_",), r"npm_[A-Za-z0-9]{36}"),
    (("pypi-",), r"pypi-[A-Za-z0-9_-]{50,500}"),
    (("dop_v1_", "doo_v1_", "dor_v1_"), r"do[opr]_v1_[a-f0-9]{64}"),
    (("shp",), r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    (("eaaa",), r"EAAA[A-Za-z0-9_-]{60,300}"),
    (("sq0",), r"sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,43}"),
    (("key-",), r"key-[0-9a-f]{32}(?![A-Za-z0-9])"),
    (("lin_api_",), r"lin_api_[A-Za-z0-9]{40}"),
    (("ntn_", "secret_"), r"(?:ntn|secret)_[A-Za-z0-9]{40,50}"),
    (("age-secret-key-",), r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    (("hvs.", "hvb."), r"hv[sb]\.[A-Za-z0-9_-]{24,300}"),
    (("tskey-",), r"tskey-[a-z]+-[A-Za-z0-9-]{16,100}"),
    (("glsa_",), r"glsa_[A-Za-z0-9]{32}_[a-fA-F0-9]{8}"),
    (("nvapi-",), r"nvapi-[A-Za-z0-9_-]{60,80}"),
    (("gsk_",), r"gsk_[A-Za-z0-9]{50,60}"),
    (("r8_",), r"r8_[A-Za-z0-9]{37}"),
    (("pmak-",), r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    (("atatt3", "atctt3"), r"AT[AC]TT3[A-Za-z0-9_=-]{50,300}"),
)

_JWT = re.compile(_B + r"eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,8000}(?:\.[A-Za-z0-9_-]{0,2000})?")

_ARMOUR = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?!-----)[\s\S]){0,20000}(?:-----END [A-Z0-9 ]{0,60}-----)?"
)
_PUTTY = re.compile(r"PuTTY-User-Key-File-\d:[\s\S]{0,8000}?Private-MAC: *[0-9a-f]+")


def _is_jwt(value: str) -> bool:
    """Whether its first part is a header: a JSON object with `alg` or `enc`."""
    head = value.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        return False
    return isinstance(header, dict) and ("alg" in header or "enc" in header)


_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_WALLET = re.compile(
    r"(?<![A-Za-z0-9])(?:[5KL][1-9A-HJ-NP-Za-km-z]{50,51}|xprv[1-9A-HJ-NP-Za-km-z]{100,112})(?![A-Za-z0-9])"
)


def _of_all(value: str) -> bool:
    """Small letters, capitals and digits, and more than hexadecimal."""
    kinds = (str.islower, str.isupper, str.isdigit)
    return all(any(map(kind, value)) for kind in kinds)


LETTERS = (
    Family(
        ("bitcoin", "btc", "wallet", "private key", "xprv", "wif"),
        (Pattern(Sensitive.KEY, _WALLET, _of_all),),
        near=True,
    ),
    Family(("private key",), (Pattern(Sensitive.KEY, _ARMOUR),)),
    Family(("hf_",), (Pattern(Sensitive.TOKEN, re.compile(_B + r"hf_[A-Za-z]{34}(?![A-Za-z0-9])")),)),
)
LONG = (
    Family(("akia", "asia"), (Pattern(Sensitive.TOKEN, _AWS_SECRET, _of_all),), near=True),
    Family(("putty-user-key-file",), (Pattern(Sensitive.KEY, _PUTTY),)),
    Family(("eyj",), (Pattern(Sensitive.TOKEN, _JWT, _is_jwt),)),
    *(Family(needs, (Pattern(Sensitive.TOKEN, re.compile(_B + shape)),)) for needs, shape in _PREFIXED),
)
