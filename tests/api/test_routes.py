"""The routes under /indexes, jobs and rerank: what each gives is what the library gives, or what was asked for."""

import json
import time

import pytest
from api_served import TEXTS, served

from cascade import Engine, shapes
from cascade.config import Config


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    with served(tmp_path_factory.mktemp("routes"), text=True) as found:
        yield found


def untimed(body):
    return {**body, "stages": [{**stage, "ms": 0} for stage in body["stages"]]}


def ended(at, response):
    job = response.json()
    end = time.monotonic() + 20
    while job["state"] in ("waiting", "running") and time.monotonic() < end:
        time.sleep(0.02)
        job = at.sent("GET", f"/jobs/{job['id']}").json()
    return job


def test_indexes_are_listed_with_their_sizes_for_those_who_see_them(at):
    names = {key: [one["name"] for one in at.sent("GET", "/indexes", key).json()["indexes"]] for key in at.keys
             if key != "gone"}  # fmt: skip
    assert names == {"reader": ["harbour"], "writer": ["harbour"], "other": ["bay"], "admin": ["harbour", "bay"]}
    assert at.sent("GET", "/indexes/bay/stats").json()["passages"] == 1
    status = at.sent("GET", "/indexes/bay").json()
    assert (status["index"], status["records"], status["sources"]) == ("bay", 1, {"notes": 1})


def test_questions_give_what_the_library_gives(at):
    engine = Engine.open(at.house.shelf.path("harbour"), Config(reader="toy"))
    asked = "How high is the tower?"
    for part, body, ours in (
        ("search", {"query": asked, "k": 3}, shapes.ranking(engine.search(asked, 3))),
        ("context", {"query": asked}, shapes.context(engine.context(asked))),
        ("ask", {"question": asked}, shapes.answer(engine.ask(asked))),
    ):
        given = at.sent("POST", f"/indexes/harbour/{part}", "reader", json=body).json()
        assert untimed(given) == untimed(json.loads(json.dumps(ours)))
    engine.close()


def test_an_answer_is_streamed_as_stages_tokens_citations_and_the_whole(at):
    asked = {"question": "How high is the tower?", "stream": True}
    with at.client.stream(
        "POST", "/indexes/harbour/ask", json=asked, headers={"X-API-Key": at.keys["reader"]}
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        told = [part.split("\n") for part in "".join(response.iter_text()).strip().split("\n\n")]
    events = [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in told]
    names = [name for name, _ in events]
    stages = [(body["name"], body["state"]) for name, body in events if name == "stage"]
    assert stages[:2] == [("encode", "begin"), ("encode", "end")]
    assert stages[-1] == ("generate", "end")
    assert names[-3:] == ["citations", "answer", "done"]
    assert "".join(body["text"] for name, body in events if name == "token") == "The tower is 46 metres high. [1]"
    whole = at.sent("POST", "/indexes/harbour/ask", json={**asked, "stream": False}).json()
    assert untimed(dict(events)["answer"]) == untimed(whole)


def test_a_body_that_is_no_json_is_told_where_it_breaks_off(at):
    headers = {"content-type": "application/json"}
    said = at.sent("POST", "/search", content=b'{"query": "ferry", ', headers=headers)
    assert (said.status_code, said.json()["type"]) == (422, "urn:cascade:problem:invalid-request")
    assert said.json()["detail"].startswith("The body is no JSON: at character ")
    empty = at.sent("POST", "/indexes/harbour/search", json={"query": "  "})
    assert (empty.status_code, empty.json()["detail"]) == (400, "The question is empty. Write what to look for.")


def test_explain_tells_the_fate_of_a_passage(at):
    found = at.sent("POST", "/indexes/harbour/search", json={"query": "ferry"}).json()["passages"][0]
    told = at.sent("POST", "/indexes/harbour/explain", json={"query": "ferry", "passage": found["id"]}).json()
    assert (told["lost"], [stage["stage"] for stage in told["stages"]]) == (None, ["retrieve", "rerank", "pack"])
    passage = at.sent("GET", f"/indexes/harbour/passages/{found['id']}").json()
    assert passage["text"] == TEXTS["ferry"]
    assert at.sent("GET", f"/indexes/harbour/records/{found['record']}").json()["key"] == "ferry"


def test_records_are_added_found_changed_and_deleted(at):
    rows = [{"id": "n1", "text": "The lighthouse keeper keeps bees.", "title": "Bees", "colour": "red"}]
    first = at.sent("POST", "/indexes/harbour/records", "writer", json={"records": rows})
    assert (first.status_code, first.json()["state"], first.json()["report"]["records"]) == (200, "done", 1)
    found = at.sent("POST", "/search", json={"index": "harbour", "query": "bees", "k": 1}).json()["passages"][0]
    assert (found["key"], found["source"], found["metadata"]["colour"]) == ("n1", "api", "red")
    again = at.sent("POST", "/indexes/harbour/records", "writer", json={"records": rows}).json()["report"]
    assert (again["records"], again["unchanged"]) == (0, 1)
    listed = at.sent("GET", "/indexes/harbour/records", params={"filter": "source = api"}).json()
    assert ([one["text"] for one in listed["records"]], listed["more"]) == ([rows[0]["text"]], False)
    counted = at.sent("POST", "/indexes/harbour/records/delete", json={"filter": "key = n1", "dry_run": True}).json()
    assert counted == {"passages": 1, "records": 1, "dry_run": True}
    assert at.sent("DELETE", f"/indexes/harbour/records/{found['record']}", "writer").json()["records"] == 1
    assert at.sent("DELETE", f"/indexes/harbour/records/{found['record']}", "writer").status_code == 404
    assert at.sent("GET", f"/indexes/harbour/records/{found['record']}").status_code == 404


def test_a_stream_of_lines_is_a_job_that_says_what_it_left_out(at):
    lines = "\n".join(['{"_id": "s1", "text": "Gulls nest on the roof."}', "not json", '{"_id": "s2", "text": "Tar."}'])
    begun = at.sent("POST", "/indexes/harbour/records/stream?source=birds", "writer", content=lines.encode())
    assert begun.status_code == 202
    job = ended(at, begun)
    assert (job["state"], job["report"]["records"], job["report"]["failed"]) == ("done", 2, 1)
    assert "not JSON" in job["report"]["skipped"][0]["reason"]
    assert [one["id"] for one in at.sent("GET", "/jobs").json()["jobs"]].count(job["id"]) == 1
    assert not list(at.house.jobs.folder.glob("*.d"))


def test_files_are_uploaded_under_a_name_that_is_only_a_label(at):
    files = [("files", ("../../etc/notes.md", b"# Ropes\n\nRopes are kept dry.\n")), ("files", ("a.txt", b"Knots."))]
    job = ended(at, at.sent("POST", "/indexes/harbour/records/upload?wait=20", "writer", files=files))
    assert (job["state"], job["report"]["records"]) == ("done", 2)
    listed = at.sent("GET", "/indexes/harbour/records", params={"filter": "source = upload"}).json()["records"]
    assert sorted(one["locator"] for one in listed) == ["a.txt", "etc/notes.md"]


def test_a_job_that_is_cancelled_keeps_what_it_committed(at):
    lines = b'{"text": "Line."}\n' * 3
    blocked, begin = at.house.jobs, time.monotonic()
    blocked._thread.submit(time.sleep, 0.3)
    begun = at.sent("POST", "/indexes/harbour/records/stream", "writer", content=lines)
    assert at.sent("DELETE", f"/jobs/{begun.json()['id']}", "writer").status_code == 202
    assert ended(at, begun)["state"] == "cancelled"
    assert time.monotonic() - begin < 10


def test_documents_are_ranked_in_the_shape_of_cohere(at):
    documents = ["The tower is tall.", {"text": "A berth for the night."}, "Seals."]
    body = {"model": "cascade/harbour", "query": "berth for a night", "documents": documents, "top_n": 2,
            "return_documents": True, "max_chunks_per_doc": 3}  # fmt: skip
    found = at.sent("POST", "/v1/rerank", json=body).json()
    assert found["results"][0]["index"] == 1
    assert len(found["results"]) == 2
    assert found["results"][0]["document"] == {"text": "A berth for the night."}
    assert found["results"][0]["relevance_score"] > found["results"][1]["relevance_score"]


def test_figures_count_what_was_asked(at):
    def figure(name):
        lines = at.sent("GET", "/metrics").text.splitlines()
        return next(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))

    before = figure("cascade_candidates_count")
    at.sent("POST", "/indexes/harbour/search", json={"query": "ferry"})
    assert figure("cascade_candidates_count") == before + 1
    assert figure('cascade_stage_seconds_count{stage="scan"}') > 0


def test_the_audit_says_who_asked_which_index_when_and_no_secret(at, tmp_path):
    at.sent("POST", "/indexes/bay/search", "other", json={"query": "seals at rest"}, headers={"X-Request-ID": "abc-1"})
    folder = at.house.shelf.path("bay").parent
    lines = [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()]
    line = next(one for one in lines if one["request"] == "abc-1")
    assert (line["index"], line["route"], line["status"]) == ("bay", "/indexes/{name}/search", 200)
    assert line["key"] in at.keys["other"]
    assert line["question"] == "seals at rest"
    secrets = [token.split("_", 2)[2] for token in at.keys.values()]
    assert not any(secret in (folder / "audit.jsonl").read_text() for secret in secrets)
    assert (folder / "audit.jsonl").stat().st_mode & 0o077 == 0


def test_every_route_is_described_with_an_example(at):
    found = at.client.get("/openapi.json").json()
    for path, methods in found["paths"].items():
        for method, said in methods.items():
            assert said.get("description"), (method, path)
            assert "401" in said["responses"]
