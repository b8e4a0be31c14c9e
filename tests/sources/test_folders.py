"""Folders, globs and single files: what is found, in what order, and what is passed over."""

from __future__ import annotations

import os
import socket

import pytest

from cascade.errors import NotFound, UsageError
from indexers.sources.globs import Globs, split, translate
from indexers.sources.open import open_source


@pytest.fixture
def folder(tmp_path):
    for name in ("b.txt", "a.txt", "sub/c.md", "sub/deep/d.txt", "z/e.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {name}")
    return tmp_path


def test_a_folder_is_read_in_sorted_order_each_folders_files_first(folder, read):
    assert list(read(folder).records) == ["a.txt", "b.txt", "sub/c.md", "sub/deep/d.txt", "z/e.txt"]


def test_a_source_is_named_by_its_resolved_path(folder):
    (folder / "link").symlink_to(folder / "sub")
    assert open_source(str(folder)).name == str(folder.resolve())
    assert open_source(str(folder / "link")).name == str((folder / "sub").resolve())
    assert open_source(str(folder / "a.txt")).name == str((folder / "a.txt").resolve())
    assert open_source(str(folder / "sub" / "*.md")).name == f"{(folder / 'sub').resolve()}/*.md"


def test_two_readings_give_the_same_records(folder, read):
    first, second = read(folder), read(folder)
    assert first == second
    assert [r.id for r in first.records.values()] == [r.id for r in second.records.values()]


def test_a_touched_file_is_the_same_record(folder, read):
    before = read(folder).records["a.txt"].id
    os.utime(folder / "a.txt", (1, 1))
    assert read(folder).records["a.txt"].id == before


def test_a_changed_file_keeps_its_place_and_gets_another_id(folder, read):
    before = read(folder).records["a.txt"]
    (folder / "a.txt").write_text("other text")
    after = read(folder).records["a.txt"]
    assert (after.place == before.place, after.id == before.id) == (True, False)


def test_hidden_and_generated_things_and_media_are_passed_over_without_fault(folder, read):
    for name in (".secret", ".git/config", "node_modules/x/y.js", "__pycache__/a.pyc", "photo.PNG", "uv.lock"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    outcome = read(folder)
    assert set(outcome.passed) == {".git/", ".secret", "__pycache__/", "node_modules/", "photo.PNG", "uv.lock"}
    assert outcome.faults == {}
    assert len(outcome.records) == 5


def test_links_are_not_followed_so_a_loop_ends(folder, read):
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "alias.txt").symlink_to(folder / "a.txt")
    outcome = read(folder)
    assert set(outcome.passed) == {"sub/up", "alias.txt"}
    assert len(outcome.records) == 5


def test_a_pipe_and_a_socket_are_named_and_do_not_hang(folder, read, monkeypatch):
    os.mkfifo(folder / "pipe.txt")
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.txt")
        outcome = read(folder)
    assert set(outcome.faults) == {"pipe.txt", "socket.txt"}
    assert outcome.faults["pipe.txt"] == "It is not a regular file (a pipe, a device or a socket)."
    assert len(outcome.records) == 5


def test_a_device_is_refused_when_named_itself(read):
    assert list(read("/dev/zero").faults) == ["zero"]


def test_a_file_that_may_not_be_read_is_named(folder, read):
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    (folder / "a.txt").chmod(0)
    (folder / "sub").chmod(0)
    outcome = read(folder)
    (folder / "sub").chmod(0o755)
    assert outcome.faults == dict.fromkeys(["a.txt", "sub/"], "It may not be read: permission denied.")


def test_a_file_that_vanishes_is_named(folder):
    reading = iter(open_source(str(folder)).read())
    assert next(reading).locator == "a.txt"
    (folder / "b.txt").unlink()
    assert next(reading).reason == "It vanished before it was read."


@pytest.mark.parametrize("name", ["manifest.json", "manifest.twin.json"])
def test_an_index_inside_the_folder_is_passed_over(folder, read, name):
    (folder / "idx" / "segments").mkdir(parents=True)
    (folder / "idx" / name).write_text("{}")
    assert read(folder).passed == {"idx/": "It is an index of Cascade."}


def test_a_name_that_is_no_utf8_becomes_a_locator_all_the_same(tmp_path, read):
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("text")
    assert list(read(tmp_path).records) == ["caf\\xe9.txt"]


def test_include_and_exclude_choose_among_files(folder, read):
    assert list(read(folder, include=("*.txt",)).records) == ["a.txt", "b.txt", "sub/deep/d.txt", "z/e.txt"]
    assert list(read(folder, exclude=("sub/",)).records) == ["a.txt", "b.txt", "z/e.txt"]
    assert list(read(folder, include=("sub/**",), exclude=("deep",)).records) == ["sub/c.md"]


def test_a_glob_matches_below_its_fixed_part(folder, read):
    assert list(read(f"{folder}/*.txt").records) == ["a.txt", "b.txt"]
    assert list(read(f"{folder}/**/*.txt").records) == ["a.txt", "b.txt", "sub/deep/d.txt", "z/e.txt"]
    assert list(read(f"{folder}/sub/[bc].md").records) == ["c.md"]


def test_a_glob_that_matches_nothing_says_so(folder, read):
    assert read(f"{folder}/*.rst").faults == {"*.rst": "No file that can be read matches this glob."}


def test_a_path_with_glob_characters_that_exists_is_a_path(tmp_path, read):
    (tmp_path / "a[1].txt").write_text("text")
    assert read(tmp_path / "a[1].txt").only.locator == "a[1].txt"


@pytest.mark.parametrize(
    ("glob", "matched", "missed"),
    [
        ("*.py", ["a.py", "x/y/a.py"], ["a.pyc"]),
        ("x/*.py", ["x/a.py"], ["a.py", "x/y/a.py"]),
        ("**/t/*", ["t/a", "x/t/a"], ["t/a/b"]),
        ("x/**", ["x/a", "x/y/a"], ["y/x"]),
        ("[!a]?.c", ["bx.c"], ["ax.c", "b.c"]),
        ("a+(b).c", ["a+(b).c"], ["ab.c"]),
    ],
)
def test_a_glob_means_what_shells_mean(glob, matched, missed):
    pattern = translate(glob)
    assert [name for name in matched + missed if pattern.fullmatch(name)] == matched


def test_a_glob_splits_where_its_first_magic_part_is():
    assert split("/x/y/*/z.txt") == ("/x/y", "*/z.txt")
    assert split("*.txt") == ("", "*.txt")
    assert split("/*.txt") == ("/", "*.txt")


def test_without_globs_everything_is_allowed():
    assert Globs().allow("any/thing")


def test_what_is_not_there_is_refused_with_a_next_step(tmp_path):
    with pytest.raises(NotFound, match=r"does not exist\. Check the path"):
        open_source(str(tmp_path / "nothing"))
    with pytest.raises(NotFound, match="is not a folder"):
        open_source(str(tmp_path / "nothing" / "*.txt"))
    with pytest.raises(UsageError, match="Fetch or clone it first"):
        open_source("https://example.org/x")


def test_a_title_falls_back_to_the_stem_or_the_path_of_code(tmp_path, read):
    for name in ("notes on v1.2.txt", "lib/README", "lib/core.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    titles = {locator: record.title for locator, record in read(tmp_path).records.items()}
    assert titles == {"notes on v1.2.txt": "notes on v1.2", "lib/README": "lib/README", "lib/core.py": "lib/core.py"}
