"""`cascade me` from what could be read to what was: sources, preview, allow, ingest, grants, receipt."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from personal.living import MAILS, allow, box, cascade, typed
from vaults import SECRET

from indexers.personal import home as homes
from indexers.personal.grants import EXPORT, INDEX, State
from indexers.sources.connectors import registry

TERMINAL = pytest.mark.skipif(os.name == "nt", reason="this system has no pseudo-terminals")


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    return box(tmp_path / "mail" / "a.mbox", *MAILS)


@pytest.fixture
def granted(place: Path, mails: Path) -> str:
    with homes.unlocked(place, SECRET) as home:
        return allow(home, "mail", mails)


def me(*words: object, place: Path) -> tuple[object, ...]:
    return ("me", words[0], "--vault", place, *words[1:])


def opened(*words: object, place: Path) -> tuple[object, ...]:
    return (*me(*words, place=place), "--passphrase-fd", "FD")


def test_sources_names_what_could_be_read_and_reads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    secret = tmp_path / ".zsh_history"
    secret.write_text(": 1700000000:0;echo something\n")
    before = secret.stat().st_atime_ns
    found = cascade("me", "sources", "--json", "--vault", tmp_path / "none").json
    assert [one["name"] for one in found] == list(registry.names())
    shell = next(one for one in found if one["name"] == "shell")
    assert (shell["there"], shell["grants"]) == ([str(secret)], [])
    assert secret.stat().st_atime_ns == before
    said = cascade("me", "sources", "--vault", tmp_path / "none").out
    assert "never read" in said and "cascade me preview" in said and "echo something" not in said


def test_sources_says_what_is_granted(place: Path, granted: str) -> None:
    found = cascade(*me("sources", "--json", place=place)).json
    assert {one["name"]: one["grants"] for one in found if one["grants"]} == {"mail": [granted]}


def test_a_folder_of_another_export_is_said_to_hold_nothing_that_is_read(place: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.bin").write_bytes(b"\0")
    assert "No file there is one that it reads" in cascade("me", "preview", "telegram", tmp_path / "other").out
    with homes.unlocked(place, SECRET) as home:
        allow(home, "telegram", tmp_path / "other")
    assert "No file there is one that it reads" in cascade(*opened("ingest", place=place)).out


def test_a_preview_counts_and_keeps_nothing(mails: Path, tmp_path: Path) -> None:
    before = sorted(path for path in tmp_path.rglob("*"))
    found = cascade("me", "preview", "mail", mails, "--json").json
    assert (found["items"], found["kinds"], found["first"], found["last"]) == (
        3, {"mail": 3}, "2024-05-01", "2024-05-03",
    )  # fmt: skip
    said = cascade("me", "preview", "mail", mails, "--since", "2024-05-02").out
    assert said.startswith("2 things") and "from before 2024-05-02" in said
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_without_a_terminal_nothing_is_permitted(place: Path, mails: Path) -> None:
    ran = cascade(*opened("allow", "mail", mails, place=place))
    assert ran.code == 2 and "--file" in ran.error and "--prepare" in ran.error
    assert homes.at(place).grants.all() == ()


@TERMINAL
def test_what_is_permitted_is_said_first_and_the_connectors_name_must_be_typed(place: Path, mails: Path) -> None:
    words = me("allow", "mail", mails, "--expires", "2030-12-31", place=place)
    code, screen = typed(*words, answers=[("type the connector's name", "yes")])
    assert code == 7 and "Nothing was permitted." in screen
    assert homes.at(place).grants.all() == ()
    answers = [("type the connector's name", "mail"), ("Passphrase of", SECRET.decode())]
    code, screen = typed(*words, answers=answers)
    assert code == 0 and "Permitted: mail-" in screen and "cascade me revoke mail-" in screen
    before, _, _ = screen.partition("type the connector's name")
    for said in (str(mails), "2030-12-31", "a model that runs on this machine", "cascade me revoke"):
        assert said in before
    (one,) = homes.at(place).grants.all()
    assert (one.state, one.terms.how, one.terms.expires) == (State.GRANTED, "terminal", "2030-12-31")
    assert SECRET.decode() not in screen


def prepared(tmp_path: Path, mails: Path, **more: str) -> Path:
    """A file of consent, with what `--prepare` printed."""
    out = cascade("me", "allow", "mail", mails, "--prepare", "--for", "index").out
    agreed = next(line for line in out.splitlines() if line.startswith("agreed = "))
    path = tmp_path / "grants.toml"
    lines = ["[[grant]]", 'connector = "mail"', f"roots = [{json.dumps(str(mails))}]", agreed]
    path.write_text("\n".join([*lines, *(f"{name} = {value}" for name, value in more.items())]) + "\n")
    path.chmod(0o600)
    return path


def test_a_prepared_file_permits_without_a_terminal(place: Path, tmp_path: Path, mails: Path) -> None:
    (grant,) = cascade(*opened("allow", "--json", "--file", prepared(tmp_path, mails), place=place)).json
    (one,) = homes.at(place).grants.all()
    assert (one.terms.id, one.terms.how, list(map(str, one.terms.purposes))) == (grant, "file", ["index"])


def test_a_prepared_file_that_says_more_than_was_agreed_to_is_refused(place: Path, tmp_path: Path, mails: Path) -> None:
    path = prepared(tmp_path, mails, purposes='["index", "hosted-model:gpt-x"]')
    ran = cascade(*opened("allow", "--file", path, place=place))
    assert ran.code == 7 and "cascade me allow mail" in ran.error
    assert homes.at(place).grants.all() == ()


def test_a_prepared_file_stands_alone(place: Path, tmp_path: Path, mails: Path) -> None:
    path = prepared(tmp_path, mails)
    ran = cascade(*opened("allow", "mail", mails, "--file", path, place=place))
    assert ran.code == 2 and "stands in the file" in ran.error
    path.chmod(0o666)
    ran = cascade(*opened("allow", "--file", path, place=place))
    assert ran.code == 2 and "chmod" in ran.error


def test_ingest_reads_what_was_permitted_and_again_only_what_is_new(place: Path, granted: str) -> None:
    first = cascade(*opened("ingest", "--json", place=place)).json
    assert (first["grant"], first["records"], first["faults"], first["left"]) == (granted, 3, [], {})
    again = cascade(*opened("ingest", "mail", place=place))
    assert again.code == 0 and again.out.startswith(f"{granted}: 0 things kept")
    assert cascade(*opened("ingest", granted, "--json", place=place)).json["records"] == 0


def test_nothing_is_read_where_nothing_is_granted(place: Path) -> None:
    for words in (("ingest",), ("ingest", "mail"), ("ingest", "mail-00000000")):
        ran = cascade(*opened(*words, place=place))
        assert ran.code == 7 and "cascade me" in ran.error


def test_of_several_grants_of_a_connector_those_that_stand_are_read(place: Path, granted: str, tmp_path: Path) -> None:
    with homes.unlocked(place, SECRET) as home:
        other = allow(home, "mail", box(tmp_path / "b.mbox", "diary"), source="other")
        home.grants.narrow(granted, expires="2020-01-01")
    assert cascade(*opened("ingest", "mail", "--json", place=place)).json["grant"] == other
    ran = cascade(*opened("ingest", granted, place=place))
    assert ran.code == 7 and "cascade me expire" in ran.error


def test_what_is_gone_is_named_and_the_other_grants_are_read(place: Path, granted: str, mails: Path) -> None:
    with homes.unlocked(place, SECRET) as home:
        other = allow(home, "mail", box(mails.parent.parent / "b.mbox", "diary"), source="other")
    mails.unlink()
    ran = cascade(*opened("ingest", place=place))
    assert ran.code == 0 and "a.mbox: It vanished before it was read." in ran.out
    assert f"{other}: 1 things kept" in ran.out


def test_a_wrong_passphrase_opens_nothing_and_says_so(place: Path, granted: str) -> None:
    ran = cascade(*opened("ingest", place=place), secret=b"another")
    assert ran.code == 4 and "not the passphrase" in ran.error


def test_a_passphrase_that_nobody_can_be_asked_for_is_said(place: Path, granted: str) -> None:
    ran = cascade(*me("ingest", place=place))
    assert ran.code == 2 and "--passphrase-fd" in ran.error


def test_grants_tells_how_each_stands_without_a_passphrase(place: Path, granted: str) -> None:
    (one,) = cascade(*me("grants", "--json", place=place)).json
    assert (one["grant"], one["state"], one["erased"], one["purposes"]) == (
        granted, "granted", False, ["index", "local-model"],
    )  # fmt: skip
    homes.at(place).grants.revoke(granted)
    assert "revoked" in cascade(*me("grants", place=place)).out


def test_a_receipt_of_consent_is_json_in_the_standards_fields(place: Path, granted: str, mails: Path) -> None:
    found = cascade(*opened("receipt", granted, place=place)).json
    assert (found["consentReceiptID"], found["cascade"]["roots"]) == (granted, [str(mails)])
    ran = cascade(*opened("receipt", "nothing", place=place))
    assert ran.code == 7 and "cascade me grants" in ran.error


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("mail",), 2, "Name what mail is to read"),
        (("nothing", "PATH"), 2, "No connector is called 'nothing'"),
        (("mail", "/nowhere/at/all"), 3, "Name a file or folder that is there"),
        (("mail", "/"), 7, "whole disk"),
        (("mail", "PATH", "--since", "soon"), 2, "soon"),
        (("mail", "PATH", "--until", "2024-13"), 2, "2024-13"),
        (("mail", "PATH", "--kind", "letter"), 2, "'letter' is none of: mail"),
        (("mail", "PATH", "--also", "everything"), 2, "'everything' is none of: spam"),
        (("mail", "PATH", "--choice", "x=y"), 2, "is no choice of mail"),
        (("mail", "PATH", "--most", "-1"), 2, "--most"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(
    mails: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    given = [str(mails) if word == "PATH" else word for word in words]
    for command in (("preview",), ("allow", "--prepare")):
        ran = cascade("me", *command, *given)
        assert (ran.code, says in ran.error, "Traceback" in ran.error) == (code, True, False), ran


@pytest.mark.parametrize(
    ("flag", "value", "says"),
    [
        ("--for", "sell", "sell"),
        ("--retain", "a while", "a while"),
        ("--expires", "never", "never"),
        ("--scrub", "nothing", "--scrub"),
        ("--file", "/nowhere", "--file"),
    ],
)
def test_a_flag_of_allow_that_says_nothing_is_refused(mails: Path, flag: str, value: str, says: str) -> None:
    ran = cascade("me", "allow", "mail", mails, "--prepare", flag, value)
    assert ran.code == 2 and says in ran.error


def test_a_folder_that_is_no_vault_is_said(tmp_path: Path) -> None:
    handed = ("--passphrase-fd", "FD")
    asked = (("grants",), ("allow", "documents", tmp_path), ("revoke", "x"))
    for words in (*asked, ("audit", *handed), ("ingest", *handed)):
        ran = cascade("me", words[0], *words[1:], "--vault", tmp_path / "none")
        assert ran.code == 3 and "none" in ran.error


def test_what_is_for_export_is_written_out_whole_and_nothing_else_is(place: Path, mails: Path, tmp_path: Path) -> None:
    with homes.unlocked(place, SECRET) as home:
        mine = allow(home, "mail", mails, purposes=(INDEX, EXPORT))
    cascade(*opened("ingest", place=place))
    out = tmp_path / "out.jsonl"
    assert cascade(*opened("export", mine, out, place=place)).code == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(rows) == len(MAILS)
    assert all(row["text"] and row["grant"] == mine and row["title"] for row in rows)
    assert out.stat().st_mode & 0o077 == 0
    again = cascade(*opened("export", mine, out, place=place))
    assert (again.code, "is there already" in again.error) == (2, True)


def test_what_is_not_for_export_is_not_written_out(place: Path, granted: str, tmp_path: Path) -> None:
    ran = cascade(*opened("export", granted, tmp_path / "out.jsonl", place=place))
    assert (ran.code, "not for export" in ran.error) == (7, True)
    assert not (tmp_path / "out.jsonl").exists()
