"""Nothing is read without consent: of every connector, no file is opened without a grant that stands."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from personal.living import allow, box, read, texts

from cascade.errors import NoGrant
from indexers.personal import home as homes
from indexers.personal.grants import State, Today
from indexers.personal.home import Home
from indexers.sources.connectors import registry

SEEDS = {
    "a.mbox": b"From a@example.org Fri May  3 10:30:00 2024\nFrom: a@example.org\nSubject: planted\n\nplanted\n",
    "planted.txt": b"1/2/24, 10:00 - Anna: planted\n",
    "_chat.txt": b"[01.02.24, 10:00:00] Anna: planted\n",
    "result.json": b'{"name": "planted", "type": "personal_chat", "id": 1, "messages": []}',
    "planted.ics": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:planted\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "planted.vcf": b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Planted\r\nEND:VCARD\r\n",
    "planted.md": b"# planted\n",
    "planted.enex": b"<en-export><note><title>planted</title></note></en-export>",
    "sms-1.xml": b"<smses><sms body='planted'/></smses>",
    ".zsh_history": b": 1700000000:0;echo planted\n",
    "History": b"SQLite format 3\x00planted",
    "chat.db": b"SQLite format 3\x00planted",
    "photo.jpg": b"\xff\xd8\xff\xd9",
    "conversations.json": b"[]",
    "Records.json": b'{"locations": []}',
    "NetflixViewingHistory.csv": b"Title,Date\nplanted,1/2/24\n",
}
"""A folder in which every connector finds something to open."""

_watching: list[tuple[set[str], list[str]]] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("open", "os.listdir", "os.scandir", "sqlite3.connect") and _watching:
        names, found = _watching[-1]
        path = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | Path) else ""
        if names & {*Path(path).parts[-2:]}:
            found.append(f"{event} {path}")


sys.addaudithook(_hear)


@contextmanager
def watched(folder: Path) -> Iterator[list[str]]:
    """What this process opens or lists of a folder and below it, by whatever path: their names are like no other's."""
    found: list[str] = []
    _watching.append(({folder.name, *(path.name for path in folder.rglob("*"))}, found))
    try:
        yield found
    finally:
        _watching.pop()


def planted(folder: Path) -> Path:
    folder.mkdir()
    for name, data in SEEDS.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("name", registry.names())
def test_no_connector_opens_a_file_without_a_grant_that_stands(name: str, home: Home, tmp_path: Path) -> None:
    export = planted(tmp_path / "an export of its own")
    connector = registry.connector(name)
    revoked, expired, pending = (allow(home, name, export) for _ in range(3))
    home.grants.revoke(revoked)
    home.grants.narrow(expired, expires="2020-01-01")
    tomorrow = replace(connector, version=connector.version + 1)
    with watched(export) as touched:
        for grant in (f"{name}-00000000", revoked, expired):
            with pytest.raises(NoGrant):
                read(home, grant)
        with pytest.raises(NoGrant):
            home.grants.permit(pending, tomorrow)
        home.grants.today = Today(home.grants.today.incarnation, {**home.grants.today.versions, name: 99})
        assert home.grants.standing(pending).state is State.PENDING
        with pytest.raises(NoGrant):
            read(home, pending)
    assert touched == []
    assert home.unlocked.counts(pending).records == 0
    home.grants.today = homes.today(home.vault)
    with watched(export) as touched:
        read(home, allow(home, name, export))
    assert touched  # the control: with a grant that stands, it is looked at


def test_what_a_link_points_to_outside_of_the_root_is_not_read(home: Home, tmp_path: Path) -> None:
    outside = box(tmp_path / "what lies outside" / "secret.mbox", "diary")
    inside = box(tmp_path / "what was granted" / "a.mbox", "boiler").parent
    (inside / "link.mbox").symlink_to(outside)
    (inside / "folder").symlink_to(outside.parent)
    with watched(outside.parent) as touched:
        taken = read(home, allow(home, "mail", inside))
    assert (taken.records, touched) == (1, [])


def test_a_root_with_dots_is_what_it_resolves_to_and_was_shown(home: Home, tmp_path: Path) -> None:
    outside = box(tmp_path / "what lies outside" / "secret.mbox", "diary")
    inside = box(tmp_path / "what was granted" / "mine.mbox", "boiler").parent
    grant = allow(home, "mail", inside / ".." / "what lies outside")
    assert home.grants.grant(grant).details.roots == (str(outside.parent),)
    with watched(inside) as touched:
        assert read(home, grant).records == 1
    assert touched == []


def test_a_root_that_became_a_link_since_is_not_followed(home: Home, tmp_path: Path) -> None:
    outside = box(tmp_path / "what lies outside" / "secret.mbox", "diary").parent
    inside = box(tmp_path / "what was granted" / "a.mbox", "boiler").parent
    grant = allow(home, "mail", inside)
    (inside / "a.mbox").unlink()
    inside.rmdir()
    inside.symlink_to(outside)
    with watched(outside) as touched:
        taken = read(home, grant)
    assert (taken.records, touched) == (0, [])
    assert texts(home, grant) == []


def test_a_folder_that_became_a_link_since_is_not_followed(home: Home, tmp_path: Path) -> None:
    outside = box(tmp_path / "what lies outside" / "secret.mbox", "diary").parent
    inside = box(tmp_path / "what was granted" / "sub" / "a.mbox", "boiler").parent
    grant = allow(home, "mail", inside.parent)
    (inside / "a.mbox").unlink()
    inside.rmdir()
    inside.symlink_to(outside)
    with watched(outside) as touched:
        assert read(home, grant).records == 0
    assert touched == []
