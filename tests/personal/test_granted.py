"""A reader bound to a grant: what it gives, what it never gives, and that it ends with the grant."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from personal.kept import NOTES, allow, grants, texts
from personal.reading import content, names, plant, reading, reasons

from cascade.errors import NoGrant, OutsideScope
from indexers.personal.granted import Opened, Reading, barred
from indexers.personal.granted.roots import WALKED, Root
from indexers.personal.grants import Request, Scope
from indexers.records import Skipped
from indexers.sources.connectors.base import File, Item, Kind, Moment, Reader, Things


def test_what_is_granted_is_read_and_what_was_read_is_logged(tmp_path: Path) -> None:
    plant(tmp_path / "notes", {"b.txt": "2024-01-01\ntwo", "a.txt": "2023-01-01\none", "c.bin": "no"})
    opened: list[Opened] = []
    with reading(tmp_path / "s", tmp_path / "notes", opened=opened) as granted:
        assert texts(granted.things()) == ["one", "two"]
    assert opened == [Opened("a.txt", 14), Opened("b.txt", 14)]
    assert (granted.gate.passed, granted.gate.summary) == (2, "")


@pytest.mark.parametrize("state", ["revoked", "expired", "pending", "never"])
def test_without_a_grant_that_stands_nothing_is_opened(tmp_path: Path, state: str) -> None:
    plant(tmp_path / "notes", {"a.txt": "2024-01-01\none"})
    ledger = grants(tmp_path)
    request = Request("notes", (str(tmp_path / "notes"),), expires="2001" if state == "expired" else "")
    grant = allow(ledger, request)
    connector = NOTES
    if state == "revoked":
        ledger.revoke(grant.id)
    if state == "pending":
        ledger.today = replace(ledger.today, incarnation="other")
    with pytest.raises(NoGrant):
        Reading(ledger.permit("none" if state == "never" else grant.id, connector), connector)


def test_reading_ends_at_the_very_item_after_which_it_was_revoked(tmp_path: Path) -> None:
    plant(tmp_path / "notes", {f"{n}.txt": f"2024-01-01\n{n}" for n in range(5)})
    with reading(tmp_path / "s", tmp_path / "notes") as granted:
        things = granted.things()
        assert texts(iter([next(things), next(things)])) == ["0", "1"]
        grants(tmp_path / "s", granted.permit.grants.store).revoke(granted.permit.grant.id)  # type: ignore[arg-type]
        with pytest.raises(NoGrant, match="was revoked"):
            next(things)


def test_a_file_that_is_being_read_ends_when_the_grant_does(tmp_path: Path) -> None:
    plant(tmp_path / "notes", {"a.txt": b"x" * (2 << 20)})
    with reading(tmp_path / "s", tmp_path / "notes") as granted:
        (file,) = granted.reader.files()
        with granted.reader.open(file) as stream:
            assert stream.read(10) == b"x" * 10
            granted.permit.grants.revoke(granted.permit.grant.id)
            with pytest.raises(NoGrant):
                stream.read()


@pytest.mark.parametrize("walked", [WALKED, False])
@pytest.mark.parametrize("kind", ["link", "folder link", "fifo", "socket", "dotdot", "absolute", "device"])
def test_what_leads_out_of_the_root_is_never_opened(
    tmp_path: Path, kind: str, walked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, {"secret/key.txt": "2024-01-01\nsecret", "notes/a.txt": "2024-01-01\none"})
    notes = (tmp_path / "notes").resolve()
    name = "x.txt"
    with socket.socket(socket.AF_UNIX) as bound:
        match kind:
            case "link":
                (notes / name).symlink_to("../secret/key.txt")
            case "folder link":
                (notes / "f").symlink_to("../secret")
                name = "f/key.txt"
            case "fifo":
                os.mkfifo(notes / name)
            case "socket":
                monkeypatch.chdir(notes)
                bound.bind(name)
            case "dotdot":
                name = "../secret/key.txt"
            case "absolute":
                name = str(tmp_path / "secret" / "key.txt")
            case "device":
                (notes / name).symlink_to("/dev/zero")
        root = Root(str(notes), walked=walked)
        with pytest.raises((OutsideScope, FileNotFoundError)):
            os.close(root.opened(name))
        with reading(tmp_path / "s", notes) as granted:
            assert texts(granted.things()) == ["one"]
            with pytest.raises(OutsideScope):
                content(granted, File(name, 1))


def test_a_link_into_the_root_is_not_followed_either_and_told(tmp_path: Path) -> None:
    plant(tmp_path / "notes", {"a.txt": "2024-01-01\none"})
    (tmp_path / "notes" / "b.txt").symlink_to("a.txt")
    os.mkfifo(tmp_path / "notes" / "c.txt")
    with reading(tmp_path / "s", tmp_path / "notes") as granted:
        things = list(granted.things())
    assert [(t.locator, t.fault) for t in things if isinstance(t, Skipped)] == [("b.txt", False), ("c.txt", False)]


@pytest.mark.parametrize("walked", [WALKED, False])
def test_a_folder_swapped_for_a_link_midway_opens_nothing_else(tmp_path: Path, walked: bool) -> None:
    plant(tmp_path, {"other/a.txt": "secret", "notes/sub/a.txt": "one"})
    base = tmp_path.resolve()
    root = Root(str(base / "notes"), walked=walked)
    os.close(root.opened("sub/a.txt"))
    (base / "notes" / "sub").rename(base / "was")
    (base / "notes" / "sub").symlink_to(base / "other")
    for action in (lambda: root.opened("sub/a.txt"), lambda: root.entries("sub")):
        with pytest.raises(OutsideScope, match=r"[Ll]inks are not followed"):
            action()
    (base / "notes").rename(base / "gone")
    (base / "notes").symlink_to(base / "other")
    for action in (lambda: root.opened("a.txt"), root.entries):
        with pytest.raises(OutsideScope, match=r"[Ll]inks are not followed"):
            action()


def test_a_root_swapped_for_a_link_while_it_is_read_stops_the_reading(tmp_path: Path) -> None:
    plant(tmp_path, {"notes/a.txt": "2024-01-01\none", "notes/b.txt": "2024-01-01\ntwo", "other/b.txt": "secret"})
    with reading(tmp_path / "s", tmp_path / "notes") as granted:
        things = granted.things()
        assert texts(iter([next(things)])) == ["one"]
        (tmp_path / "notes").rename(tmp_path / "was")
        (tmp_path / "notes").symlink_to("other")
        with pytest.raises(OutsideScope):
            list(things)


def test_a_folder_swapped_back_and_forth_never_gives_what_lies_elsewhere(tmp_path: Path) -> None:
    plant(tmp_path, {"notes/sub/a.txt": "granted", "other/a.txt": "secret"})
    base = tmp_path.resolve()
    root, stop = Root(str(base / "notes")), threading.Event()
    sub, was = base / "notes" / "sub", base / "was"

    def swap() -> None:
        while not stop.is_set():
            sub.rename(was)
            sub.symlink_to(base / "other")
            sub.unlink()
            was.rename(sub)

    thread = threading.Thread(target=swap)
    thread.start()
    seen = set()
    try:
        for _ in range(2000):
            try:
                with os.fdopen(root.opened("sub/a.txt"), "rb") as file:
                    seen.add(file.read())
            except (OutsideScope, OSError):
                continue
    finally:
        stop.set()
        thread.join()
    assert seen <= {b"granted"}


def test_the_vault_itself_is_not_a_source(tmp_path: Path) -> None:
    plant(tmp_path, {"home/a.txt": "2024-01-01\none", "home/vault/b.txt": "2024-01-01\nsealed"})
    with reading(tmp_path / "s", tmp_path / "home", barred=barred(tmp_path / "home" / "vault")) as granted:
        assert texts(granted.things()) == ["one"]
        with pytest.raises(OutsideScope):
            content(granted, File("vault/b.txt", 1))
    base = tmp_path.resolve() / "home"
    for walked in (WALKED, False):
        with pytest.raises(OutsideScope, match="vault itself"):
            Root(str(base), barred(base / "vault"), walked).opened("vault/b.txt")
        with pytest.raises(OutsideScope, match="vault itself"):
            Root(str(base / "vault"), barred(base / "vault"), walked).opened("b.txt")


TREE = {
    "a.txt": "1", "Work/b.txt": "2", "Work/Private/c.txt": "3", ".env.txt": "4", ".ssh/d.txt": "5",
    "node_modules/e.txt": "6", "Träume/f.txt": "7", "Hello!.txt": "8",
}  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (Scope(), ["Hello!.txt", "Träume/f.txt", "Work/Private/c.txt", "Work/b.txt", "a.txt"]),
        (Scope(include=("Work",)), ["Work/Private/c.txt", "Work/b.txt"]),
        (Scope(include=("Work/*.txt",)), ["Work/b.txt"]),
        (Scope(include=("work",)), []),
        (Scope(exclude=("private",)), ["Hello!.txt", "Träume/f.txt", "Work/b.txt", "a.txt"]),
        (Scope(exclude=("WORK/PRIVATE/", "tra\u0308ume", "*!.txt")), ["Work/b.txt", "a.txt"]),
        (Scope(include=("Work/**",), exclude=("b.*",)), ["Work/Private/c.txt"]),
    ],
)
def test_paths_of_the_scope_are_kept_to_in_listing_and_opening(tmp_path: Path, scope: Scope, found: list[str]) -> None:
    plant(tmp_path / "notes", TREE)
    with reading(tmp_path / "s", tmp_path / "notes", scope=scope) as granted:
        assert names(granted) == found
        for name in TREE.keys() - {".env.txt"}:  # hidden, and read by whoever names it in full
            file = File(name, 1)
            if name in found:
                assert content(granted, file) == str(TREE[name]).encode()
            else:
                with pytest.raises(OutsideScope):
                    content(granted, file)


def test_hidden_files_are_read_only_where_a_connector_names_them_in_full(tmp_path: Path) -> None:
    plant(tmp_path / "home", {".bash_history": "ls", ".netrc": "secret", "a/.bash_history": "cd", "x": "y"})
    with reading(tmp_path / "s", tmp_path / "home") as granted:
        assert names(granted) == ["x"]
        assert names(granted, "*.bash_history") == [".bash_history", "a/.bash_history"]
        assert reasons(granted)[".netrc"].startswith("It is hidden")


def test_the_hidden_folders_of_a_maildir_are_mail(tmp_path: Path) -> None:
    plant(tmp_path / "Maildir", {"cur/1": "a", ".Sent/cur/2": "b", ".config/x": "c"})
    with reading(tmp_path / "s", tmp_path / "Maildir") as granted:
        assert names(granted) == [".Sent/cur/2", "cur/1"]


def test_a_root_that_is_a_file_is_read_by_its_name_even_if_hidden(tmp_path: Path) -> None:
    plant(tmp_path, {".zsh_history": "ls", ".netrc": "secret"})
    with reading(tmp_path / "s", tmp_path / ".zsh_history") as granted:
        (file,) = granted.reader.files()
        assert (file.name, file.path, content(granted, file)) == (".zsh_history", ".zsh_history", b"ls")
        with pytest.raises(OutsideScope):
            content(granted, File(".netrc", 1))


def test_what_vaultignore_names_is_left_out_whatever_is_granted(tmp_path: Path) -> None:
    plant(
        tmp_path / "n",
        {
            ".vaultignore": "# mine\n/top.txt\n*.SECRET\nsub/deep/\n",
            "top.txt": "", "sub/top.txt": "", "a.secret": "", "sub/b.secret": "", "sub/deep/c.txt": "",
            "deep/d.txt": "",
            "sub/.vaultignore": "e.txt", "sub/e.txt": "", "sub/x/e.txt": "", "e.txt": "",
        },
    )  # fmt: skip
    with reading(tmp_path / "s", tmp_path / "n", scope=Scope(include=("**",))) as granted:
        assert names(granted) == ["deep/d.txt", "e.txt", "sub/top.txt"]
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        for name in ("top.txt", "sub/b.secret", "sub/deep/c.txt", "sub/x/e.txt"):
            with pytest.raises(OutsideScope):
                content(granted, File(name, 1))


@pytest.mark.parametrize("line", [b"!keep.txt", b"\xff\xfe\x00", b"**/**/**/**/**/a", b"x" * 400])
def test_a_vaultignore_that_cannot_be_followed_leaves_out_its_folder(tmp_path: Path, line: bytes) -> None:
    plant(tmp_path / "n", {"sub/.vaultignore": line, "sub/a.txt": "1", "sub/x/b.txt": "2", "c.txt": "3"})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        assert names(granted) == ["c.txt"]
        told = granted.reader.told()
        assert [(t.locator, t.fault) for t in told] == [("sub/", True)]
        for name in ("sub/a.txt", "sub/x/b.txt"):
            with pytest.raises(OutsideScope):
                content(granted, File(name, 1))


def test_a_vaultignore_at_the_top_that_cannot_be_followed_leaves_out_everything(tmp_path: Path) -> None:
    plant(tmp_path / "n", {".vaultignore": "!a.txt", "a.txt": "2024-01-01\none"})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        things = list(granted.things())
    assert [(t.locator, t.fault) for t in things if isinstance(t, Skipped)] == [("n/", True)]
    assert texts(iter(things)) == []


def test_several_roots_are_read_in_order_and_one_that_vanished_is_told(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        plant(tmp_path / name, {"same.txt": f"2024-01-01\n{name}"})
    with reading(tmp_path / "s", *(tmp_path / name for name in "cab")) as granted:
        (tmp_path / "b").rename(tmp_path / "gone")
        things = list(granted.things())
    assert texts(iter(things)) == ["a", "c"]
    assert [(t.locator, t.fault) for t in things if isinstance(t, Skipped)] == [("b", True)]


def test_a_name_that_is_no_text_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    folder = plant(tmp_path / "n", {"a.txt": "2024-01-01\none"})
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt"))).write_text("x")
    with reading(tmp_path / "s", folder) as granted:
        things = list(granted.things())
    assert texts(iter(things)) == ["one"]
    assert [(t.locator, t.reason) for t in things if isinstance(t, Skipped)] == [
        ("\\udcff.txt", "Its name is not text in UTF-8. Rename it, and read again.")
    ]


def test_folders_deeper_than_any_honest_one_are_told_and_not_entered(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    deep = folder.joinpath(*["d"] * 120)
    deep.mkdir(parents=True)
    (deep / "a.txt").write_text("x")
    with reading(tmp_path / "s", folder) as granted:
        assert names(granted) == []
        assert [t.fault for t in granted.reader.told()] == [True]


def test_no_more_than_the_most_passes_and_the_rest_is_not_opened(tmp_path: Path) -> None:
    plant(tmp_path / "n", {f"{n}.txt": f"2024-01-01\n{n}" for n in range(5)})
    opened: list[Opened] = []
    with reading(tmp_path / "s", tmp_path / "n", scope=Scope(most=2), opened=opened) as granted:
        assert texts(granted.things()) == ["0", "1"]
    assert len(opened) == 2


def test_a_connector_that_is_not_read_to_its_end_lets_its_file_go(tmp_path: Path) -> None:
    def pieces(reader: Reader) -> Things:
        for file in reader.files():
            with reader.open(file) as stream:
                while piece := stream.read(1):
                    yield Item(Kind.NOTE, "1", piece.decode(), file.name)

    opened: list[Opened] = []
    plant(tmp_path / "n", {"a.txt": "abc"})
    connector = replace(NOTES, read=pieces)
    with reading(tmp_path / "s", tmp_path / "n", scope=Scope(most=2), connector=connector, opened=opened) as granted:
        assert texts(granted.things()) == ["a", "b"]
        assert opened == [Opened("a.txt", 3)]


def lines(reader: Reader) -> Things:
    """Every line of a file is an item."""
    for file in reader.files():
        at = reader.resume(file)
        with reader.open(file) as stream:
            stream.seek(at)
            for line in stream:
                at += len(line)
                yield Item(Kind.NOTE, line.decode(), line.decode().strip(), f"{file.name}@{at}", Moment(), after=at)


def test_reading_goes_on_where_it_ended_if_the_file_only_grew(tmp_path: Path) -> None:
    folder = plant(tmp_path / "n", {"log": "one\ntwo\n", "log2": "x\n"})
    connector = replace(NOTES, read=lines)

    def again(marks: dict[str, bytes]) -> tuple[list[str], dict[str, bytes]]:
        with reading(tmp_path / "s", folder, connector=connector, marks=marks) as granted:
            found = []
            for thing in granted.things():
                assert isinstance(thing, Item)
                found.append(thing.text)
                if mark := granted.mark(thing):
                    marks = marks | dict([mark])
            return found, marks

    found, marks = again({})
    assert found == ["one", "two", "x"]
    assert again(marks) == ([], marks)
    with (folder / "log").open("a") as file:
        file.write("three\n")
    found, marks = again(marks)
    assert found == ["three"]
    (folder / "log").write_text("one\nTWO\nthree\nfour\n")
    assert again(marks)[0] == ["one", "TWO", "three", "four"]
    (folder / "log").write_text("one\n")
    assert again(marks)[0] == ["one"]
    assert again({"log": b"nonsense", "log2": b"{}"})[0] == ["one", "x"]


def test_a_connector_that_is_not_the_granted_one_gets_no_reading(tmp_path: Path) -> None:
    plant(tmp_path / "n", {"a.txt": "x"})
    permit = reading(tmp_path / "s", tmp_path / "n").permit

    def never(reader: Reader) -> Iterator[Item | Skipped]:
        raise AssertionError("it was read")

    with pytest.raises(NoGrant, match="is for notes, not for mail 1"):
        Reading(permit, replace(NOTES, name="mail", read=never))
