"""Consent prepared in a file: what it may say, and what is wrong with it in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from personal.kept import NOTES, grants

from cascade.errors import BadConfig, CascadeError, NoGrant, NotFound
from indexers.personal.grants import INDEX, Purpose, Request, Scope, Use, asked, prepared
from indexers.sources.connectors.base import Caution, Kind


def written(folder: Path, body: str, mode: int = 0o600) -> Path:
    path = folder / "grants.toml"
    path.write_text(body, encoding="utf-8")
    path.chmod(mode)
    (folder / "notes").mkdir(exist_ok=True)
    return path


def test_a_file_that_says_everything_is_read_whole(tmp_path: Path) -> None:
    body = f'''
    [[grant]]
    connector = "notes"
    roots = ["{tmp_path}/notes"]
    agreed = "{"a" * 64}"
    purposes = ["hosted-model:gpt-x", "index"]
    source = "diary"
    retention = "18M"
    expires = "2027-02"
    scrub = "strict"
    include = ["*.md"]
    exclude = ["x"]
    labels = ["Work"]
    not-labels = ["Home"]
    people = ["anna"]
    not-people = ["bob"]
    since = "2020"
    until = "2023-05"
    kinds = ["note"]
    cautions = ["spam", "group"]
    most = 1000
    [grant.choices]
    date-order = "dmy"
    [[grant]]
    connector = "notes"
    roots = ["{tmp_path}/notes"]
    agreed = "b"
    '''
    first, second = prepared(written(tmp_path, body))
    assert first.request == Request(
        "notes",
        (str(tmp_path.resolve() / "notes"),),
        (Purpose(Use.HOSTED, "gpt-x"), INDEX),
        "diary",
        Scope(
            include=("*.md",), exclude=("x",), labels=("Work",), not_labels=("Home",), people=("anna",),
            not_people=("bob",), since="2020-01-01", until="2023-05-31", kinds=(Kind.NOTE,),
            cautions=(Caution.GROUP, Caution.SPAM), most=1000, choices={"date-order": "dmy"},
        ),
        "18m",
        "2027-02-28",
        "strict",
    )  # fmt: skip
    assert (first.agreed, second.agreed) == ("a" * 64, "b")
    assert second.request == Request("notes", first.request.roots, source="notes")


def test_a_prepared_grant_is_good_for_what_was_read_and_no_longer(tmp_path: Path) -> None:
    request = Request("notes", (str(tmp_path),))
    body = f'[[grant]]\nconnector = "notes"\nroots = ["{tmp_path}/notes"]\nagreed = "{asked(request, NOTES)}"\n'
    ledger = grants(tmp_path)
    (one,) = prepared(written(tmp_path, body))
    grant = ledger.allow(one.request, NOTES, agreed=one.agreed, by="file", how="file")
    assert (grant.terms.how, ledger.permit(grant.id, NOTES).grant) == ("file", grant)
    (more,) = prepared(written(tmp_path, body + 'purposes = ["index", "local-model"]\n'))
    with pytest.raises(NoGrant, match="is not what notes asks today"):
        ledger.allow(more.request, NOTES, agreed=more.agreed, by="file", how="file")


NEEDED = 'connector = "notes"\nroots = ["NOTES"]\nagreed = "x"\n'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "holds no grant"),
        ("grant = 3", "holds no grant"),
        ("grant = [3]", "Grant 1 of .* is no table"),
        ("[[grants]]", "'grants', which means nothing. Is it 'grant'?"),
        ("[[grant]", "is no TOML"),
        ("[[grant]]\n" + NEEDED + 'lables = ["x"]', "'lables', which means nothing. Is it 'labels'?"),
        ("[[grant]]\n" + NEEDED + "\n[[grant]]\nxyzzy = 1", "Grant 2 of .*'xyzzy', which means nothing. It can hold"),
        ('[[grant]]\nconnector = "notes"\nroots = ["NOTES"]', "does not say 'agreed'"),
        ('[[grant]]\nagreed = "x"\nconnector = "notes"\nroots = []', "does not say 'roots'"),
        ("[[grant]]\n" + NEEDED + 'labels = "Work"', "labels must be a list of texts"),
        ("[[grant]]\n" + NEEDED + "since = 2020", "since must be text in quotes"),
        ("[[grant]]\n" + NEEDED + "most = 0", "most must be a whole number from 1"),
        ("[[grant]]\n" + NEEDED + "most = true", "most must be a whole number from 1"),
        ("[[grant]]\n" + NEEDED + "choices = {a = 1}", "choices must be a table of texts"),
        ("[[grant]]\n" + NEEDED + 'purposes = ["hosted-model"]', "Grant 1 of .*is no purpose"),
        ("[[grant]]\n" + NEEDED + 'kinds = ["mails"]', "'mails', which means nothing. Is it 'mail'?"),
        ("[[grant]]\n" + NEEDED + 'cautions = ["span"]', "'span', which means nothing. Is it 'spam'?"),
        ("[[grant]]\n" + NEEDED + 'since = "20"', "'20' is no day"),
    ],
)
def test_what_is_wrong_is_said_with_its_grant_and_key(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(CascadeError, match=said):
        prepared(written(tmp_path, body.replace("NOTES", f"{tmp_path}/notes")))


def test_a_file_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"consent in your name. Close it: chmod"):
        prepared(written(tmp_path, "[[grant]]\n", mode=0o620))
    with pytest.raises(NotFound, match="cannot be read"):
        prepared(tmp_path / "none.toml")
