"""What the commands of `cascade me` say, and what they load before they say it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cascade.cli import root
from indexers.personal.commands import doors
from indexers.personal.commands.group import ORDER, me


def test_help_lists_every_command_in_the_order_in_which_people_need_them() -> None:
    import click

    assert tuple(me.list_commands(click.Context(me))) == ORDER


@pytest.mark.parametrize("name", ORDER)
def test_every_command_has_help_that_says_more_than_its_name(name: str) -> None:
    said = CliRunner().invoke(root, ["me", name, "--help"])
    assert said.exit_code == 0, said.output
    assert len(said.output.split("Options:")[0].split()) > 10


def test_long_lines_go_on_below_the_first_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    told = doors.wrapped("Leaves out " + "many things, " * 10 + "\nshort", 11).split("\n")
    assert len(told) > 3 and told[-1] == "short"
    assert all(len(line) <= 60 for line in told)
    assert all(line.startswith(" " * 11 + "many") or line.startswith(" " * 11 + "things") for line in told[1:-1])


def test_a_path_is_never_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    path = "/home/anna/" + "a-long-name/" * 12
    assert path in doors.wrapped(f"Reads      {path}", 11)


def test_a_moment_is_told_by_the_clock_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Europe/Copenhagen")
    time.tzset()
    try:
        assert doors.local("2026-07-01T10:05:59+00:00") == "2026-07-01 12:05"
        assert doors.local("") == ""
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_asks_an_agent_does_not_load_the_engine() -> None:
    code = (
        "import sys; from indexers.personal.vault import agent; from indexers.personal.commands import asked, looking; "
        "sys.exit(str([name for name in ('numba', 'cascade.engine') if name in sys.modules]) if "
        "{'numba', 'cascade.engine'} & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr


def test_a_vault_that_is_there_is_named_before_a_passphrase_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir(0o700)
    (tmp_path / "vault" / "vault.json").write_text("{}")
    said = CliRunner().invoke(root, ["me", "init", "--vault", str(tmp_path / "vault")], standalone_mode=False)
    assert "already holds a vault. Use it, or make another: cascade me init --vault FOLDER" in str(said.exception)


def test_keys_are_not_written_over_a_file_and_no_passphrase_is_asked_for_before_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_text("mine")
    said = CliRunner().invoke(root, ["me", "export-keys", str(tmp_path / "keys.txt")], standalone_mode=False)
    assert "is there already. Name a file that is not" in str(said.exception)
    assert (tmp_path / "keys.txt").read_text() == "mine"
