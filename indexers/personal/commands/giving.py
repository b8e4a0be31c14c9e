"""`cascade me sources`, `preview`, `allow`, `ingest`, `grants`, `receipt`: from what could be read to what was."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cascade.errors import NoGrant, UsageError
from indexers.personal.commands import doors

if TYPE_CHECKING:
    from indexers.personal.grants import Grant, Request, Scope
    from indexers.personal.home import Home
    from indexers.personal.intake import Taken
    from indexers.personal.preview import Hit
    from indexers.sources.connectors.base import Connector

F = TypeVar("F", bound=Callable[..., Any])
PATHS = click.argument("paths", nargs=-1, metavar="PATH...", type=click.Path(path_type=Path))


def scoped(command: F) -> F:
    """The flags that say what of a source is meant."""
    most = click.option("--most", default=0, type=click.IntRange(0), metavar="N", help="At most so many things.")
    command = most(command)
    for name, help_ in (("--until", "Or earlier."), ("--since", "Only what is dated on this day or later.")):
        command = click.option(name, default="", metavar="DAY", help=help_)(command)
    for name, metavar, help_ in reversed((
        ("--choice", "NAME=VALUE", "What the connector asks, as in date-order=dmy; `sources` lists it."),
        ("--include", "GLOB", "Only these files."),
        ("--exclude", "GLOB", "Not these files."),
        ("--label", "NAME", "Only what has this label or lies in this folder."),
        ("--except-label", "NAME", "Nothing that has this label."),
        ("--person", "WHO", "Only what this person is in."),
        ("--except-person", "WHO", "Nothing that this person is in or stands in."),
        ("--kind", "KIND", "Only mail, chat, photo, ..."),
        ("--also", "WHAT", "Take in what is left out else: spam, group, disappearing, confidential, ..."),
    )):  # fmt: skip
        command = click.option(name, multiple=True, metavar=metavar, help=help_)(command)
    return command


@click.command()
@doors.VAULT
@doors.JSON
def sources(root: Path, as_json: bool) -> None:
    """What could be read, where it usually lies, and what of it is there. Looks at names alone, and reads nothing."""
    from indexers.sources.connectors import registry

    granted = _granted(doors.at(root))
    found: list[dict[str, Any]] = []
    for name in registry.names():
        connector = registry.connector(name)
        globs = [glob.removeprefix("~/") for glob in connector.places]
        places = sorted({str(place) for glob in globs for place in Path.home().glob(glob)})
        found.append(
            {"name": name, "reads": connector.describes, "there": places, "grants": granted.get(name, []),
             "choices": dict(connector.asks)}
        )  # fmt: skip

    def lines() -> Iterator[str]:
        for one in found:
            ended = "not permitted any more" if one["name"] in granted else "never read"
            state = f"granted: {', '.join(one['grants'])}" if one["grants"] else ended
            told = doors.wrapped(f"{one['name']:<12} {one['reads']}", 13)
            yield click.style(told[:12], bold=True) + told[12:]
            yield from (f"{'':<12} there: {place}" for place in one["there"][:3])
            for choice, said in one["choices"].items():
                yield doors.wrapped(f"{'':<12} --choice {choice}=...  {said}", 15)
            yield click.style(f"{'':<12} {state}", dim=True)
        yield "\nSee what is in one, without keeping anything: cascade me preview NAME PATH"

    doors.say(found, as_json, lines)


@click.command()
@click.argument("name", metavar="CONNECTOR")
@PATHS
@scoped
@doors.JSON
def preview(name: str, paths: tuple[Path, ...], as_json: bool, **flags: Any) -> None:
    """Count what CONNECTOR would take in of PATH...: kinds, days, people, secrets. Keeps and writes nothing."""
    from indexers.personal.grants import once
    from indexers.personal.preview import preview as counted
    from indexers.sources.connectors import registry

    connector = registry.connector(name)
    request = _request(connector, paths, flags)
    found = counted(once(request, connector), connector, sensitive)
    doors.say(_as_json(found), as_json, found.lines)


@click.command()
@click.argument("name", metavar="CONNECTOR", required=False, default="")
@PATHS
@scoped
@click.option("--for", "purposes", multiple=True, metavar="PURPOSE",
              help="index (always), local-model, hosted-model:NAME, export. Default: the first two.")  # fmt: skip
@click.option("--source", default="", metavar="NAME", help="What to call it (default: the connector's name).")
@click.option("--retain", "retention", default="", metavar="SPAN", help="Keep each thing so long by its own date: 5y.")
@click.option("--expires", default="", metavar="DAY", help="The last day of the grant.")
@click.option("--scrub", type=click.Choice(["default", "secrets", "numbers", "contacts"]), default="default",
              show_default=True, help="What is taken out of texts before they are kept.")  # fmt: skip
@click.option("--prepare", is_flag=True, help="Only print what would be granted, and the line for a prepared file.")
@click.option("--file", "prepared", type=click.Path(path_type=Path, exists=True),
              help="Grant what this file says, and nothing else.")  # fmt: skip
@click.option("--again", default="", metavar="ID", help="Ask for a grant anew that is pending or was narrower.")
@doors.vaulted
def allow(
    name: str, paths: tuple[Path, ...], prepare: bool, root: Path, descriptor: int | None, as_json: bool, **flags: Any
) -> None:
    """Permit CONNECTOR to read PATH..., after it was said what is read, kept, for how long, and shown to whom.

    Nothing is read by this; `cascade me ingest` reads. It is asked for at a terminal; unattended, with --file.
    """
    from indexers.personal import home as homes
    from indexers.personal.grants import asked, disclosure, settled
    from indexers.personal.grants import prepared as of_file
    from indexers.sources.connectors import registry

    if flags["prepared"]:
        if name or paths:
            raise UsageError("What is granted stands in the file. Name nothing beside it: cascade me allow --file FILE")
        with doors.opened(root, descriptor) as home:
            _tell([_allowed(home, one.request, one.agreed, "file") for one in of_file(flags["prepared"])], as_json)
        return
    if not name:
        raise UsageError("Name a connector and what it is to read. Which there are: cascade me sources")
    connector = registry.connector(name)
    request = settled(_request(connector, paths, flags, flags["purposes"] or ("index", "local-model")))
    if not prepare:
        homes.at(doors.at(root))  # where there is none, that is said before anybody reads and types
    click.echo(doors.wrapped(disclosure(request, connector), 11), err=not prepare)
    agreed = asked(request, connector)
    if prepare:
        click.echo(f'\nagreed = "{agreed}"')
        return
    if not sys.stdin.isatty():
        raise UsageError("This is asked at a terminal. Unattended, give --file: what it takes is printed by --prepare.")
    if click.prompt("\nTo permit this, type the connector's name", default="", show_default=False) != connector.name:
        raise NoGrant("Nothing was permitted.")
    with doors.opened(root, descriptor) as home:
        _tell([_allowed(home, request, agreed, "terminal", flags["again"])], as_json)


@click.command()
@click.argument("names", nargs=-1, metavar="[GRANT...]")
@doors.vaulted
def ingest(names: tuple[str, ...], root: Path, descriptor: int | None, as_json: bool) -> None:
    """Read what was permitted (all of it, or GRANT...) and keep it encrypted. Again adds only what is new."""
    from cascade.models import resolve
    from indexers.personal.intake import take_in

    with doors.opened(root, descriptor) as home:
        encoder = resolve.encoder(home.vault.built.encoder)
        for grant in _chosen(home, names):
            with _Progress(grant, as_json) as shown:
                taken = take_in(home, grant, encoder, shown)
            doors.say(_report(taken), as_json, lambda taken=taken: _said(taken))  # type: ignore[misc]


@click.command()
@doors.VAULT
@doors.JSON
def grants(root: Path, as_json: bool) -> None:
    """Every grant there ever was: for what, until when, and how it stands. Needs no passphrase."""
    from indexers.personal import home

    found: list[dict[str, Any]] = [
        {"grant": one.terms.id, "state": one.state.value, "why": one.why, "erased": one.erased,
         "purposes": [str(purpose) for purpose in one.terms.purposes], "since": one.terms.granted_at,
         "expires": one.terms.expires, "retention": one.terms.retention}
        for one in home.at(doors.at(root)).grants.all()
    ]  # fmt: skip

    def lines() -> Iterator[str]:
        for one in found:
            state = "erased" if one["erased"] else one["state"]
            yield f"{one['grant']:<24} {state:<8} for {', '.join(one['purposes'])}, since {one['since'][:10]}"
            if one["why"]:
                yield f"{'':<24} {one['why']}"
        if not found:
            yield "Nothing was ever permitted. What there is: cascade me sources"

    doors.say(found, as_json, lines)


@click.command()
@click.argument("grant")
@doors.VAULT
@doors.PASSPHRASE
def receipt(grant: str, root: Path, descriptor: int | None) -> None:
    """Print GRANT as a consent receipt, in the fields of Kantara's standard (JSON)."""
    import json

    from indexers.personal.receipts import consent
    from indexers.sources.connectors import registry

    with doors.opened(root, descriptor) as home:
        full = home.grants.grant(grant)
        click.echo(json.dumps(consent(full, registry.connector(full.terms.connector)), indent=1, ensure_ascii=False))


def sensitive(text: str) -> Iterator[Hit]:
    """What is sensitive in a text, weighed, for a preview."""
    from indexers.personal.preview import Hit
    from indexers.personal.scrub import find_secrets
    from indexers.personal.scrub.findings import SECRETS

    for one in find_secrets(text):
        yield Hit(10.0 if one.sensitive in SECRETS else 5.0, str(one.sensitive))


def _request(
    connector: Connector, paths: tuple[Path, ...], flags: dict[str, Any], purposes: tuple[str, ...] = ("index",)
) -> Request:
    from indexers.personal.grants import INDEX, Purpose, Request

    if not paths:
        raise UsageError(f"Name what {connector.name} is to read: a file or folder. Nothing is looked for by itself.")
    chosen = {INDEX, *map(Purpose.parse, purposes)}
    return Request(
        connector.name, tuple(str(path) for path in paths), tuple(sorted(chosen)),
        flags.get("source") or connector.name, _scope(connector, flags), flags.get("retention", ""),
        flags.get("expires", ""), flags.get("scrub", "default"),
    )  # fmt: skip


def _scope(connector: Connector, flags: dict[str, Any]) -> Scope:
    from indexers.personal.grants import Scope
    from indexers.sources.connectors.base import Caution, Kind

    choices = dict(_pair(connector, text) for text in flags["choice"])
    return Scope(
        flags["include"], flags["exclude"], flags["label"], flags["except_label"], flags["person"],
        flags["except_person"], flags["since"], flags["until"], tuple(_one_of(Kind, text) for text in flags["kind"]),
        tuple(_one_of(Caution, text) for text in flags["also"]), flags["most"], choices,
    )  # fmt: skip


def _pair(connector: Connector, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or name not in connector.asks:
        there = "; ".join(f"{each}: {said}" for each, said in connector.asks.items()) or "nothing"
        raise UsageError(f"{text!r} is no choice of {connector.name}. It asks {there}.")
    return name, value


def _one_of(among: Any, text: str) -> Any:
    try:
        return among(text)
    except ValueError:
        raise UsageError(f"{text!r} is none of: {', '.join(among)}.") from None


def _allowed(home: Home, request: Request, agreed: str, how: str, again: str = "") -> Grant:
    from indexers.sources.connectors import registry

    connector = registry.connector(request.connector)
    return home.grants.allow(request, connector, agreed=agreed, by=getpass.getuser(), how=how, again=again)


def _tell(made: list[Grant], as_json: bool) -> None:
    def lines() -> Iterator[str]:
        for grant in made:
            yield f"Permitted: {grant.id}. Read it: cascade me ingest {grant.id}"
            yield f"End it at any time: cascade me revoke {grant.id}"

    doors.say([grant.id for grant in made], as_json, lines)


def _chosen(home: Home, names: tuple[str, ...]) -> list[str]:
    """The grants that are meant and stand; all that stand, where none is named. Raises NoGrant."""
    from indexers.personal.grants import INDEX, State

    if not names:
        chosen = list(home.grants.permitted(INDEX))
        if not chosen:
            raise NoGrant("No grant stands, so nothing is read. What there is: cascade me sources")
        return chosen
    found: list[str] = []
    for name in names:
        meant = home.grants.named(name)
        if not meant:
            raise NoGrant(f"No grant is called {name!r}. See which there are: cascade me grants")
        standing = [one.terms.id for one in meant if one.state is State.GRANTED]
        if not standing:
            raise NoGrant(meant[0].why)
        found += standing
    return found


def _granted(root: Path) -> dict[str, list[str]]:
    """Grants that were not revoked by connector, for every connector that ever had one; where there is a vault."""
    from indexers.personal import home
    from indexers.personal.layout import NoVault

    try:
        standing = home.at(root).grants.all()
    except NoVault:
        return {}
    found: dict[str, list[str]] = {}
    for one in standing:
        held = found.setdefault(one.terms.connector, [])
        if one.state.value != "revoked":
            held.append(one.terms.id)
    return found


class _Progress:
    """One line that says how far a reading is, on a terminal."""

    def __init__(self, grant: str, silent: bool) -> None:
        self._grant, self._silent = grant, silent or not sys.stderr.isatty()

    def __enter__(self) -> _Progress:
        return self

    def __call__(self, taken: Taken) -> None:
        if not self._silent:
            said = f"{taken.records:,} kept, {taken.unchanged:,} known, {taken.bytes / 1e6:,.0f} MB read"
            click.echo(f"\r{self._grant}: {said}\033[K", err=True, nl=False)

    def __exit__(self, *_: object) -> None:
        if not self._silent:
            click.echo("\r\033[K", err=True, nl=False)


def _report(taken: Taken) -> dict[str, Any]:
    from dataclasses import asdict

    said = asdict(taken)
    said["faults"] = [{"locator": one.locator, "reason": one.reason} for one in taken.faults]
    return said


def _said(taken: Taken) -> Iterator[str]:
    from indexers.personal.preview import NOTHING

    yield (
        f"{taken.grant}: {taken.records:,} things kept in {taken.passages:,} passages, {taken.unchanged:,} were there "
        f"already, {taken.replaced:,} replaced ({taken.files:,} files, {taken.bytes:,} bytes, {taken.seconds:.1f} s)"
    )
    for total, what, reasons in (
        (taken.left.total(), "left out", taken.left), (taken.scrubbed.total(), "taken out of texts", taken.scrubbed),
    ):  # fmt: skip
        if total:
            yield f"  {total:,} {what}: {', '.join(f'{count:,} {reason}' for reason, count in reasons.most_common())}"
    if taken.barred:
        yield f"  {taken.barred:,} were erased before, and do not come back"
    for reason, count in taken.passed.most_common(5):
        yield f"  {count:,} not read: {reason}"
    if not taken.files:
        yield f"  {NOTHING}"
    if taken.failed:
        yield f"  {taken.failed:,} could not be read:"
        yield from (f"    {one.locator}: {one.reason}" for one in taken.faults[:10])


def _as_json(found: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(found)
