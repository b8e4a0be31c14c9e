"""Consent prepared in a file, for a machine where nobody sits: read, checked, and never guessed at.

TOML, one table a grant:

    [[grant]]
    connector = "mail"                          # which one; needed
    roots = ["~/mail.mbox"]                     # what may be read; needed
    agreed = "<64 hex digits>"                  # the fingerprint of what was read before writing this; needed
    purposes = ["index", "local-model"]         # index alone, where left out
    source = "mail"                             # what it is called
    retention = "5y"                            # how long each thing is kept: 90d, 2w, 18m, 5y
    expires = "2027-06-30"                      # the last day of the grant
    scrub = "default"                           # how secrets are taken out
    include = ["*.mbox"]                        # globs; likewise exclude
    labels = ["Work"]                           # likewise not-labels
    people = ["anna@example.org"]               # likewise not-people
    since = "2020"                              # likewise until; days, months or years
    kinds = ["mail"]                            # what kinds of things
    cautions = ["spam"]                         # what is left out unless it is named here
    most = 1000                                 # how many things at most

    [grant.choices]                             # what the connector asks
    date-order = "dmy"

`agreed` is what `cascade me allow --prepare` prints below what it says: when the connector, the purposes or the
promises change, so does it, and the file is refused until somebody has read the new ones. A file that others can write
to is refused, for they could consent in the owner's name. Any key that is not in this list is an error.
Knows the file; knows nothing of ledgers.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from cascade.errors import BadConfig, NotFound, UnknownName
from indexers.personal.grants.settle import settled
from indexers.personal.grants.terms import INDEX, Request, Scope, purposes
from indexers.sources.connectors.base import Caution, Kind

_TEXTS = ("connector", "agreed", "source", "retention", "expires", "scrub", "since", "until")
_LISTS = (
    "roots", "purposes", "include", "exclude", "labels", "not-labels", "people", "not-people", "kinds", "cautions",
)  # fmt: skip
_KEYS = (*_TEXTS, *_LISTS, "most", "choices")
_NEEDED = ("connector", "roots", "agreed")

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request and the fingerprint of what was agreed to with it."""

    request: Request
    agreed: str


def prepared(path: Path) -> tuple[Prepared, ...]:
    """All grants of a file, settled. Raises BadConfig for what is wrong with it, naming the grant and the key."""
    tables = _tables(path)
    return tuple(_one(f"Grant {number} of {path}", table) for number, table in enumerate(tables, 1))


def _tables(path: Path) -> list[Any]:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name != "nt" and mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise BadConfig(f"Others can write to {path} and consent in your name. Close it: chmod go-w '{path}'")
            value = tomllib.load(file)
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise BadConfig(f"{path} is no TOML: {error}.") from None
    tables = value.pop("grant", None)
    if value:
        raise BadConfig(f"{path} holds {_known(next(iter(value)), ('grant',))}")
    if not isinstance(tables, list) or not tables:
        raise BadConfig(f"{path} holds no grant. Begin each with a line: [[grant]]")
    return tables


def _one(where: str, table: Any) -> Prepared:
    if not isinstance(table, Mapping):
        raise BadConfig(f"{where} is no table. Begin each with a line: [[grant]]")
    for key, value in table.items():
        _check(where, key, value)
    if missing := [key for key in _NEEDED if not table.get(key)]:
        raise BadConfig(f"{where} does not say {missing[0]!r}. It needs: {', '.join(_NEEDED)}.")
    try:
        return Prepared(settled(_request(where, table)), table["agreed"])
    except UnknownName as error:
        raise BadConfig(f"{where}: {error}") from None


def _check(where: str, key: str, value: Any) -> None:
    if key not in _KEYS:
        raise BadConfig(f"{where} holds {_known(key, _KEYS)}")
    if key in _TEXTS and not isinstance(value, str):
        raise BadConfig(f'{where}: {key} must be text in quotes, as {key} = "…".')
    if key in _LISTS and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        raise BadConfig(f'{where}: {key} must be a list of texts, as {key} = ["…"].')
    if key == "most" and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise BadConfig(f"{where}: most must be a whole number from 1 on.")
    if key == "choices" and not (isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())):
        raise BadConfig(f'{where}: choices must be a table of texts, as [grant.choices] and then name = "…".')


def _known(key: str, keys: Iterable[str]) -> str:
    close = get_close_matches(key, keys, 1)
    return f"{key!r}, which means nothing. {f'Is it {close[0]!r}?' if close else 'It can hold: ' + ', '.join(keys)}"


def _request(where: str, table: Mapping[str, Any]) -> Request:
    def texts(key: str) -> tuple[str, ...]:
        return tuple(table.get(key, ()))

    return Request(
        connector=table["connector"],
        roots=texts("roots"),
        purposes=purposes(texts("purposes")) or (INDEX,),
        source=table.get("source", ""),
        scope=Scope(
            include=texts("include"),
            exclude=texts("exclude"),
            labels=texts("labels"),
            not_labels=texts("not-labels"),
            people=texts("people"),
            not_people=texts("not-people"),
            since=table.get("since", ""),
            until=table.get("until", ""),
            kinds=_chosen(where, Kind, texts("kinds")),
            cautions=_chosen(where, Caution, texts("cautions")),
            most=table.get("most", 0),
            choices=dict(table.get("choices", {})),
        ),
        retention=table.get("retention", ""),
        expires=table.get("expires", ""),
        scrub=table.get("scrub", "default"),
    )


def _chosen(where: str, among: type[E], texts: tuple[str, ...]) -> tuple[E, ...]:
    for text in texts:
        if text not in list(among):
            raise BadConfig(f"{where} holds {_known(text, [str(one) for one in among])}")
    return tuple(map(among, texts))
