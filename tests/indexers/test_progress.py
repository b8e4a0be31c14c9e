"""Progress: lines of JSON where there is no terminal, commits on stdout where a program reads it."""

from __future__ import annotations

import json

from indexers.ingest import Report
from indexers.progress import Adding, Organising

REPORT = Report(records=20, passages=30, unchanged=4, failed=1, commits=2, seconds=1.5)


def test_with_json_only_commits_are_said_and_on_stdout(capsys):
    with Adding(as_json=True) as shown:
        shown.heard(REPORT, False)
        assert capsys.readouterr().out == ""
        shown.heard(REPORT, True)
        shown.told("organising", 1, 2)
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out) == {
        "event": "committed", "records": 20, "passages": 30, "unchanged": 4, "failed": 1, "commits": 2,
        "seconds": 1.5, "rate": 20,
    }  # fmt: skip


def test_without_a_terminal_stdout_is_left_alone(capsys):
    with Adding(as_json=False) as shown:
        for _ in range(50):
            shown.heard(REPORT, True)
        shown.told("organising", 1, 2)
    said = capsys.readouterr()
    assert said.out == ""
    assert [json.loads(line) for line in said.err.splitlines()] == [{"event": "organising", "done": 1, "of": 2}]


def test_organising_draws_nothing_where_there_is_no_terminal(capsys):
    with Organising(quiet=False) as shown:
        shown("organising", 1, 2)
    assert capsys.readouterr() == ("", "")
