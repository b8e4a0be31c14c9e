"""The server in process: same answers as the library, errors as problem details."""

import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette's test client announces which HTTP library it will use
    from fastapi.testclient import TestClient

from api.app import create
from api.problems import STATUS, status
from api.refusals import Refusal
from api.shelf import Shelf
from cascade import Engine, __version__, errors, shapes
from cascade.config import Config
from cascade.models.toy import ToyEncoder
from indexers.ingest import ingest
from indexers.records import Record


class Notes:
    name = "notes"

    def read(self):
        yield Record(self.name, "ferry", "The ferry to Anholt leaves at 14:15.", key="f1")
        yield Record(self.name, "tower", "The tower is 46 metres high.", key="t1")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    root = tmp_path_factory.mktemp("served") / "harbour"
    ingest(root, [Notes()], ToyEncoder())
    return root


@pytest.fixture(scope="module")
def client(index):
    with Shelf.open([index], Config(reader="toy")) as shelf, TestClient(create(shelf)) as found:
        yield found


def every(kind):
    yield kind
    for below in kind.__subclasses__():
        yield from every(below)


def test_health_and_version_say_what_is_served(client):
    assert client.get("/health").json() == {"status": "ok", "indexes": ["harbour"]}
    assert client.get("/version").json() == {"version": __version__, "format": 3}


def test_an_index_is_listed_as_a_model(client):
    assert client.get("/v1/models").json() == {
        "object": "list",
        "data": [
            {"id": name, "object": "model", "created": 0, "owned_by": "cascade"}
            for name in ("cascade/harbour", "cascade")
        ],
    }


def test_search_gives_the_passages_and_scores_of_the_library(client, index):
    given = client.post("/search", json={"query": "when does the ferry leave", "k": 2}).json()
    ours = shapes.ranking(Engine.open(index).search("when does the ferry leave", 2))
    assert given["passages"] == ours["passages"]
    assert [each["key"] for each in given["passages"]] == ["f1", "t1"]


def test_ask_gives_a_cited_answer(client, index):
    given = client.post("/ask", json={"index": "cascade/harbour", "question": "How high is the tower?"}).json()
    ours = shapes.answer(Engine.open(index, Config(reader="toy")).ask("How high is the tower?"))
    assert {**given, "stages": 0} == {**ours, "stages": 0}
    assert given["citations"][0]["passage"]["key"] == "t1"


def test_a_filter_narrows_and_text_can_be_left_out(client):
    found = client.post("/search", json={"query": "the", "filter": "key = t1", "text": False}).json()["passages"]
    assert [each["key"] for each in found] == ["t1"]
    assert "text" not in found[0]


@pytest.mark.parametrize(
    ("route", "body", "code", "kind", "said"),
    [
        ("/search", {"query": "q", "filter": "time >"}, 400, "bad-filter", "not finished"),
        ("/search", {"query": "q", "index": "other"}, 400, "unknown-name", "harbour"),
        ("/search", {"query": ""}, 422, "invalid-request", "query"),
        ("/search", {"query": "q", "limit": 3}, 422, "invalid-request", "limit"),
        ("/ask", {"question": "q", "effort": "huge"}, 422, "invalid-request", "effort"),
        ("/nowhere", {}, 404, "not-found", "/nowhere"),
    ],
)
def test_an_error_is_a_problem_with_its_status(client, route, body, code, kind, said):
    response = client.post(route, json=body)
    assert response.status_code == code
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["type"], problem["status"]) == (f"urn:cascade:problem:{kind}", code)
    assert said in problem["detail"]


def test_every_error_of_the_tree_has_a_status_and_only_ours_have():
    ours = {kind for kind in every(errors.CascadeError) if kind.__module__ == errors.__name__}
    assert {kind.__name__: status(kind) for kind in ours} == {
        "CascadeError": 500, "UsageError": 400, "BadFilter": 400, "BadConfig": 400, "UnknownName": 400,
        "NotFound": 404, "NoIndex": 404, "NoPassage": 404, "UnusableIndex": 500, "WrongEncoder": 500,
        "WrongFormat": 500, "Locked": 409, "Unreadable": 503, "Unwritable": 507,
        "Corrupt": 500, "ModelError": 503, "ModelMissing": 503,
        "ModelTampered": 503, "ReaderFailed": 502, "SourceError": 400, "SomeFilesFailed": 400, "Cancelled": 499,
        "NotAllowed": 403, "NoGrant": 403, "OutsideScope": 403, "Unreachable": 503, "Crowded": 503,
        "Overdue": 503,
    }  # fmt: skip
    assert set(STATUS) == {kind for kind in STATUS if issubclass(kind, (errors.CascadeError, Refusal))}
    assert set(every(Refusal)) <= set(STATUS)


def test_two_indexes_of_one_name_are_refused(index, tmp_path):
    ingest(tmp_path / "harbour", [Notes()], ToyEncoder())
    with pytest.raises(errors.UsageError, match="Rename one"):
        Shelf.open([index, tmp_path / "harbour"])


def test_with_several_indexes_a_request_must_say_which(index, tmp_path):
    ingest(tmp_path / "bay", [Notes()], ToyEncoder())
    with Shelf.open([index, tmp_path / "bay"]) as shelf:
        assert shelf.names == ("harbour", "bay")
        with pytest.raises(errors.UnknownName, match="harbour, bay"):
            shelf.engine("")
        assert shelf.engine("bay") is shelf.engine("cascade/bay")
