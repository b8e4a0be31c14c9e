"""Git: what it ignores is left out, and a revision is read without a working tree."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from cascade.errors import NotFound, UsageError
from indexers.sources.open import open_source

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder, *arguments, at="2024-01-31T12:00:00Z"):
    identity = {f"GIT_{who}_{what}": "x@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    dates = {"GIT_COMMITTER_DATE": at, "GIT_AUTHOR_DATE": at}
    environment = {**os.environ, **identity, **dates, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, env=environment)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repo"
    (folder / "sub").mkdir(parents=True)
    git(folder, "init", "-b", "main")
    (folder / "a.txt").write_text("old")
    (folder / "sub" / "b.py").write_text("def f(): ...\n")
    (folder / ".gitignore").write_text("*.log\nbuild/\n")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "one")
    (folder / "a.txt").write_text("new")
    git(folder, "commit", "-am", "two", at="2024-02-29T12:00:00Z")
    return folder


def test_a_working_tree_holds_new_files_but_not_ignored_or_deleted_ones(repository, read):
    (repository / "noise.log").write_text("x")
    (repository / "build").mkdir()
    (repository / "build" / "out.txt").write_text("x")
    (repository / "fresh.txt").write_text("new and not ignored")
    (repository / "sub" / "b.py").unlink()
    outcome = read(repository)
    assert list(outcome.records) == ["a.txt", "fresh.txt"]
    assert outcome.faults == {}


def test_a_repository_inside_a_folder_is_read_by_its_own_rules(repository, read):
    (repository / "noise.log").write_text("x")
    (repository.parent / "other.log").write_text("text")
    assert list(read(repository.parent).records) == ["other.log", "repo/a.txt", "repo/sub/b.py"]


def test_a_repository_inside_a_repository_is_read_too(repository, read):
    inner = repository / "inner"
    inner.mkdir()
    git(inner, "init")
    (inner / ".gitignore").write_text("no.txt")
    for name in ("yes.txt", "no.txt"):
        (inner / name).write_text("text")
    assert list(read(repository).records) == ["a.txt", "sub/b.py", "inner/yes.txt"]


def test_a_revision_is_read_as_it_was_each_file_dated_by_its_last_commit(repository, read):
    (repository / "a.txt").write_text("not committed")
    records = read(repository, revision="HEAD").records
    assert {locator: (r.text, r.time) for locator, r in records.items()} == {
        "a.txt": ("new", "2024-02-29T12:00:00Z"),
        "sub/b.py": ("def f(): ...\n", "2024-01-31T12:00:00Z"),
    }
    assert records["a.txt"].source == f"{repository.resolve()}@HEAD"
    assert read(repository, revision="main~1").records["a.txt"].text == "old"


def test_a_bare_repository_is_read_at_its_head(repository, read):
    bare = repository.parent / "bare.git"
    git(repository.parent, "clone", "--bare", "repo", "bare.git")
    assert list(read(bare).records) == ["a.txt", "sub/b.py"]
    assert list(read(f"git+{repository}").records) == ["a.txt", "sub/b.py"]


def test_what_one_object_leaves_unread_does_not_reach_the_next(repository, read):
    (repository / "a.html").write_text("<p>" + "x" * 100_000)
    (repository / "b.bin.txt").write_bytes(bytes(range(256)) * 100)
    git(repository, "add", ".")
    git(repository, "commit", "-m", "three")
    outcome = read(repository, revision="HEAD", max_file_bytes=1000)
    assert set(outcome.faults) == {"a.html", "b.bin.txt"}
    assert outcome.records["sub/b.py"].text == "def f(): ...\n"


def test_stopping_half_way_leaves_no_process_waiting(repository):
    reading = open_source(f"git+{repository}").read()
    next(reading)
    next(reading)
    reading.close()


def test_links_and_submodules_of_a_revision_are_not_followed(repository, read):
    (repository / "link.txt").symlink_to("a.txt")
    git(repository, "add", ".")
    git(repository, "commit", "-m", "three")
    assert read(repository, revision="HEAD").passed["link.txt"] == "It is a link, and links are not followed."


def test_an_unknown_revision_or_no_repository_is_refused(repository, tmp_path):
    from indexers.sources.options import SourceOptions

    with pytest.raises(NotFound, match="has no revision nowhere"):
        open_source(str(repository), SourceOptions(revision="nowhere"))
    with pytest.raises(NotFound, match="has no revision --help"):
        open_source(str(repository), SourceOptions(revision="--help"))
    with pytest.raises(UsageError, match="is not a folder, so it has no revisions"):
        open_source(str(repository / "a.txt"), SourceOptions(revision="HEAD"))


def test_a_pointer_to_a_file_that_was_not_fetched_is_named(tmp_path, read):
    (tmp_path / "a.txt").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    assert read(tmp_path).faults["a.txt"].endswith("run git lfs pull.")
