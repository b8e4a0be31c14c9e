"""The story: real files are added, a question is answered with a citation, the file is deleted, and is gone."""

from __future__ import annotations

import json

import pytest

from cascade.cli import root as cascade_command

NOTES = {
    "lighthouse.md": "# Skagen\n\nThe lighthouse at Skagen was built in 1858 by Niels Nebelong. It is 46 metres high.",
    "ferry.txt": "The ferry to Anholt leaves Grenaa every day at 14:15, in winter at noon.",
    "page.html": "<html><title>Bakery</title><body><p>Trequol bakes bread on Mondays.</p></body></html>",
    "code.py": 'def tariff(weight):\n    """Postage for a letter."""\n    return 12 if weight < 100 else 24\n',
    "empty.txt": "",
}


@pytest.fixture
def cascade(capsys):
    """The command line, in this process: gives what was printed to stdout."""

    def run(*words):
        cascade_command.main([str(word) for word in words], standalone_mode=False)
        return capsys.readouterr().out

    return run


def asked(cascade, index, question):
    return json.loads(cascade("ask", index, question, "--reader", "extractive", "--json"))


def test_a_folder_is_added_asked_cited_deleted_and_asked_again(tmp_path, cascade):
    notes, index = tmp_path / "notes", tmp_path / "index"
    notes.mkdir()
    for name, text in NOTES.items():
        (notes / name).write_text(text, encoding="utf-8")

    *_, done = map(json.loads, cascade("add", index, notes, "--encoder", "static", "--json").splitlines())
    assert (done["records"], done["failed"]) == (4, 1)
    assert [left["locator"] for left in done["skipped"]] == ["empty.txt"]

    answer = asked(cascade, index, "Who built the lighthouse at Skagen?")
    assert "Niels Nebelong" in answer["answer"]
    cited = answer["citations"][0]["passage"]
    assert (cited["locator"], answer["abstained"], answer["complete"]) == ("lighthouse.md", False, True)
    whole = (notes / "lighthouse.md").read_text(encoding="utf-8")
    assert whole[cited["start"] : cited["end"]] == cited["text"]

    assert json.loads(cascade("delete", index, "--record", cited["record"], "--json"))["records"] == 1
    for _ in ("at once", "after compaction"):
        found = json.loads(cascade("search", index, "lighthouse Skagen Nebelong", "-k", 50, "--json"))
        assert {passage["locator"] for passage in found["passages"]} == {"ferry.txt", "page.html", "code.py"}
        assert "Nebelong" not in asked(cascade, index, "Who built the lighthouse at Skagen?")["answer"]
        assert "Nebelong" not in cascade("export", index)
        cascade("compact", index)

    *_, again = map(json.loads, cascade("add", index, notes, "--json").splitlines())
    assert (again["records"], again["unchanged"]) == (1, 3)
    assert "Niels Nebelong" in asked(cascade, index, "Who built the lighthouse at Skagen?")["answer"]
