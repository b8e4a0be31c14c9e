"""detect-secrets, used as a library: its plugins that know one service's tokens, on the lines that could hold one.

Nothing is verified over the network: a plugin is asked for what it matches in a line (`analyze_string`), never to
prove it. The plugins for entropy, keywords and public addresses take prose for secrets ("the quick brown fox") and are
not used; nor is Artifactory's (it takes `APARTMENTS` for a password) or the one for basic authentication (it takes
`http://host:80/a@b` for one; `addresses.py` reads those). Knows detect-secrets; nothing else here does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import Any

from cascade.errors import UsageError
from indexers.personal.scrub.findings import Finding, Found, Sensitive, around, spots

_WITHIN: dict[str, tuple[str, ...]] = {
    "AWSKeyDetector": ("akia", "asia", "abia", "acca", "a3t"),
    "GitHubTokenDetector": ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    "GitLabTokenDetector": ("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "gr1348941", "glcbt-", "glimt-", "glptt-"),
    "MailchimpDetector": tuple(f"-us{digit}" for digit in range(1, 10)),
    "NpmDetector": ("_authtoken",),
    "OpenAIDetector": ("t3blbkfj",),
    "PypiTokenDetector": ("pypi-ag",),
    "SendGridDetector": ("sg.",),
    "SlackDetector": ("xox", "hooks.slack"),
    "SquareOAuthDetector": ("sq0csp",),
    "StripeDetector": ("k_live_",),
    "TelegramBotTokenDetector": (":aa",),
}
"""Plugin -> what is in the token itself, in lower case."""
_BESIDE: dict[str, tuple[str, ...]] = {
    "AWSKeyDetector": ("aws",),
    "AzureStorageKeyDetector": ("accountkey",),
    "CloudantDetector": ("cloudant",),
    "DiscordBotTokenDetector": ("discord",),
    "IbmCloudIamDetector": ("ibm",),
    "IbmCosHmacDetector": ("secret_access_key", "secret-access-key", "secretaccesskey"),
    "SoftlayerDetector": ("softlayer",),
    "TelegramBotTokenDetector": ("telegram",),
    "TwilioKeyDetector": ("twilio",),
}
"""Plugin -> what stands beside the token, or may."""

_LONGEST = 2_000
"""Code points of a line that a plugin is given at once: some of its expressions take time by the square."""


def within() -> tuple[Found, ...]:
    """The plugins whose tokens hold their literals. Raises UsageError where detect-secrets is not installed."""
    return _made(tuple(_WITHIN.items()))


def beside() -> tuple[Found, ...]:
    """The plugins whose literals stand beside the token. Raises as `within`."""
    return _made(tuple(_BESIDE.items()))


@cache
def _made(used: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Found, ...]:
    try:
        from detect_secrets.core.plugins.initialize import from_plugin_classname
        from detect_secrets.settings import transient_settings
    except ImportError as error:
        raise UsageError(
            "Secrets are always taken out of personal data, and that takes detect-secrets, which is not installed: "
            "pip install 'cascade-retrieval[personal]'."
        ) from error
    with transient_settings({"plugins_used": [{"name": name} for name, _ in used]}):
        return tuple(Found(needs, partial(_find, from_plugin_classname(name))) for name, needs in used)


def _find(plugin: Any, text: str, lowered: str, present: Sequence[str]) -> Iterator[Finding]:
    for start, stop in around(text, spots(lowered, present)):
        for at in range(start, stop, _LONGEST):
            yield from _piece(text, at, min(stop, at + _LONGEST + 200), plugin)


def _piece(text: str, start: int, stop: int, plugin: Any) -> Iterator[Finding]:
    at = start
    for line in text[start:stop].split("\n"):
        for secret in sorted(set(plugin.analyze_string(line))):
            place = line.find(secret) if secret else -1
            while place >= 0:
                yield Finding(Sensitive.TOKEN, at + place, at + place + len(secret))
                place = line.find(secret, place + len(secret))
        at += len(line) + 1
