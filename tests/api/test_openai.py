"""OpenAI's own client, unmodified, against a running server: models, chat, responses, embeddings, long prompts."""

from __future__ import annotations

import json

import numpy as np
import openai
import pytest
from api_served import listening
from behind import Behind, says

from api.app import create
from api.house import House, Rules
from api.shelf import Shelf
from cascade.config import Config
from cascade.models.toy import ToyEncoder
from indexers.ingest import ingest
from indexers.records import Record


class Notes:
    name = "notes"

    def read(self):
        yield Record(self.name, "ferry", "The ferry to Anholt leaves at 14:15.", key="f1")
        yield Record(self.name, "https://towers.example/1", "The tower is 46 metres high.", "Towers", key="t1")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    root = tmp_path_factory.mktemp("served") / "harbour"
    ingest(root, [Notes()], ToyEncoder())
    return root


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache") / "prompts"


def knocking(port):
    with openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0) as found:
        yield found


@pytest.fixture(scope="module")
def client(index, folder):
    config = Config(reader="extractive", window=400)
    with Shelf.open([index], config) as shelf, listening(create(House(shelf, rules=Rules(prompts=folder)))) as port:
        yield from knocking(port)


@pytest.fixture
def behind(index, tmp_path):
    """A client and the model that reads for it."""
    with Behind(says("It leaves at 14:15 [1].")) as model:
        config = Config(reader=model.name, window=2_000)
        rules = Rules(prompts=tmp_path / "p")
        with Shelf.open([index], config) as shelf, listening(create(House(shelf, rules=rules))) as port:
            yield from ((found, model) for found in knocking(port))


def ask(text):
    return [{"role": "user", "content": text}]


def long(words, seed=0, secret="", at=0.5):
    """So many made-up words in lines, with a secret line somewhere in between."""
    drawn = np.random.default_rng(seed).integers(0, 5_000, words)
    lines = [" ".join(f"w{word}" for word in drawn[i : i + 12]) + "." for i in range(0, words, 12)]
    lines.insert(int(len(lines) * at), secret)
    return "\n".join(lines)


def test_each_index_is_a_model_and_so_is_the_request_itself(client):
    assert [model.id for model in client.models.list()] == ["cascade/harbour", "cascade"]
    assert client.models.retrieve("cascade/harbour").owned_by == "cascade"
    with pytest.raises(openai.NotFoundError, match="There is no index 'cascade/bay'") as error:
        client.models.retrieve("cascade/bay")
    assert (error.value.code, error.value.type) == ("model_not_found", "invalid_request_error")


def test_a_chat_completion_is_a_cited_answer_with_true_counts(client):
    messages = ask("When does the ferry to Anholt leave?")
    given = client.chat.completions.create(model="cascade/harbour", messages=messages)
    message = given.choices[0].message
    assert message.content == "The ferry to Anholt leaves at 14:15. [1]"
    (noted,) = message.annotations
    cited = noted.url_citation
    assert message.content[cited.start_index : cited.end_index] == "[1]"
    passage = given.model_extra["cascade"]["citations"][0]["passage"]
    assert (cited.url, passage["key"]) == (f"cascade://harbour/{passage['id']}", "f1")
    assert given.choices[0].finish_reason == "stop"
    assert given.usage.total_tokens == given.usage.prompt_tokens + given.usage.completion_tokens > 20
    assert given.usage.completion_tokens == 9
    assert given.usage.model_extra["cascade"]["candidates"] == 2


def test_a_record_that_is_a_web_page_is_cited_by_its_own_address(client):
    given = client.chat.completions.create(model="cascade/harbour", messages=ask("How high is the tower in metres?"))
    cited = given.choices[0].message.annotations[0].url_citation
    assert (cited.url, cited.title) == ("https://towers.example/1", "Towers")


def test_a_follow_up_is_resolved_against_what_was_said_before(client):
    before = [*ask("Tell me of the ferry to Anholt"), {"role": "assistant", "content": "Which part?"}]
    given = client.chat.completions.create(model="cascade/harbour", messages=[*before, *ask("When does it leave?")])
    assert "14:15" in given.choices[0].message.content


def test_a_stream_gives_the_same_text_citations_and_counts(client):
    how = {"model": "cascade/harbour", "messages": ask("When does the ferry to Anholt leave?")}
    whole = client.chat.completions.create(**how)
    chunks = list(client.chat.completions.create(**how, stream=True, stream_options={"include_usage": True}))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert deltas[0].role == "assistant"
    assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
    noted = [delta.model_extra["annotations"] for delta in deltas if "annotations" in delta.model_extra]
    assert noted == [[each.model_dump() for each in whole.choices[0].message.annotations]]
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage == whole.usage
    assert len({chunk.id for chunk in chunks}) == 1


def test_stop_ends_an_answer(client):
    messages = ask("When does the ferry to Anholt leave?")
    given = client.chat.completions.create(model="cascade/harbour", messages=messages, stop=["at 14"])
    assert given.choices[0].message.content == "The ferry to Anholt leaves [1]"


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ({"model": "cascade/bay"}, openai.NotFoundError, "no index"),
        ({"messages": []}, openai.BadRequestError, "messages"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, openai.BadRequestError, "role"),
        ({"messages": [{"role": "system", "content": "x"}]}, openai.BadRequestError, "of the user"),
        ({"messages": [{"role": "user", "content": 7}]}, openai.BadRequestError, "neither text"),
        ({"messages": [{"role": "user", "content": [{"type": "file"}]}]}, openai.BadRequestError, "'file'"),
        ({"messages": [{"role": "user", "content": " "}]}, openai.BadRequestError, "no text"),
        ({"n": 2}, openai.BadRequestError, "n is not supported"),
        ({"stop": 7}, openai.BadRequestError, "stop"),
        ({"max_tokens": -1}, openai.BadRequestError, "max_tokens"),
        ({"extra_body": {"filter": "time >"}}, openai.BadRequestError, "not finished"),
        ({"extra_body": {"filter": "time >"}, "stream": True}, openai.BadRequestError, "not finished"),
        ({"model": "cascade"}, openai.BadRequestError, "question alone"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(client, body, kind, said):
    with pytest.raises(kind, match=said) as error:
        client.chat.completions.create(**{"model": "cascade/harbour", "messages": ask("q"), **body})
    assert error.value.type == "invalid_request_error"


def test_a_body_that_is_no_json_is_refused(client):
    with pytest.raises(openai.BadRequestError, match="not JSON"):
        client.post("/chat/completions", cast_to=object, options={}, body=None, content=b"{")


def test_system_tools_and_fields_reach_the_reader_and_its_counts_come_back(behind):
    client, model = behind
    tool = {"type": "function", "function": {"name": "look", "parameters": {}}}
    messages = [{"role": "system", "content": "In rhyme."}, *ask("When does the ferry leave?")]
    given = client.chat.completions.create(
        model="cascade/harbour", messages=messages,
        tools=[tool], temperature=0.5, seed=3, max_tokens=40, stop="STOP",
    )  # fmt: skip
    sent = model.asked[0]
    assert (sent["temperature"], sent["seed"], sent["max_tokens"], sent["stop"]) == (0.5, 3, 40, ["STOP"])
    assert sent["tools"] == [tool]
    assert [turn["role"] for turn in sent["messages"]] == ["system", "user"]
    assert sent["messages"][0]["content"].startswith("In rhyme.\n\nAnswer the question from the numbered passages")
    assert "[1] (ferry)\nThe ferry to Anholt leaves at 14:15." in sent["messages"][1]["content"]
    assert given.choices[0].message.content == "It leaves at 14:15 [1]."
    assert (given.usage.prompt_tokens, given.usage.completion_tokens) == (70, 5)


def test_a_call_of_a_tool_goes_to_the_client_and_its_result_to_the_reader(behind):
    client, model = behind
    piece = {"index": 0, "id": "c1", "function": {"name": "look", "arguments": '{"at":1}'}}
    model.replies = [
        [{"choices": [{"delta": {"tool_calls": [piece]}, "finish_reason": "tool_calls"}]}],
        says("Blue [1]."),
    ]
    tools = [{"type": "function", "function": {"name": "look", "parameters": {}}}]
    messages = ask("Which colour has the ferry?")
    first = client.chat.completions.create(model="cascade/harbour", messages=messages, tools=tools)
    assert first.choices[0].finish_reason == "tool_calls"
    assert first.choices[0].message.content is None
    (call,) = first.choices[0].message.tool_calls
    assert (call.id, call.function.name, call.function.arguments) == ("c1", "look", '{"at":1}')
    messages += [first.choices[0].message.model_dump(exclude_none=True)]
    messages += [{"role": "tool", "tool_call_id": "c1", "content": "blue"}]
    client.chat.completions.create(model="cascade/harbour", messages=messages, tools=tools)
    sent = model.asked[1]["messages"]
    assert [turn["role"] for turn in sent] == ["system", "user", "assistant", "tool"]
    assert sent[1]["content"].endswith("Question: Which colour has the ferry?")
    assert sent[3]["content"] == "blue"


def test_json_that_was_asked_for_is_left_as_it_was_written(behind):
    client, model = behind
    model.replies = [says('{"years": [1891, 7]}')]
    given = client.chat.completions.create(
        model="cascade/harbour", messages=ask("When?"), response_format={"type": "json_object"}
    )
    assert json.loads(given.choices[0].message.content) == {"years": [1891, 7]}


def test_a_text_longer_than_the_window_is_searched(client, folder):
    text = long(6_000, secret="The keeper of Skagen is called Mortensen.")
    messages = ask(f"{text}\n\nWhat is the keeper of Skagen called?")
    given = client.chat.completions.create(model="cascade", messages=messages)
    assert "Mortensen" in given.choices[0].message.content
    assert given.choices[0].message.annotations[0].url_citation.url.startswith("cascade://prompt/")
    assert given.usage.prompt_tokens <= 400
    assert given.usage.model_extra["cascade"]["candidates"] > 50
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_next_turn_reads_nothing_in_again_and_a_new_text_adds_to_it(client, folder):
    def kept():
        return {path.name: path.stat().st_ino for path in folder.iterdir() if path.name != "locks"}

    text = long(6_000, 1, "The keeper of Hirtshals is called Lund.")
    said = [{"role": "system", "content": text}, *ask("What is the keeper of Hirtshals called?")]
    first = client.chat.completions.create(model="cascade", messages=said)
    before = kept()
    said += [first.choices[0].message.model_dump(include={"role", "content"})]
    said += ask("Name the keeper of Hirtshals again")
    second = client.chat.completions.create(model="cascade", messages=said)
    assert "Lund" in second.choices[0].message.content
    assert kept() == before
    said += [second.choices[0].message.model_dump(include={"role", "content"})]
    more = long(3_000, 2, "The dog of Hirtshals is called Pluto.")
    third = client.chat.completions.create(model="cascade", messages=[*said, *ask(f"{more}\nHow is the dog called?")])
    assert "Pluto" in third.choices[0].message.content
    assert len(kept()) == len(before) + 1
    again = client.chat.completions.create(model="cascade", messages=[*said, *ask("What is the keeper called?")])
    assert "Lund" in again.choices[0].message.content


def test_an_index_and_a_long_prompt_are_asked_together(client):
    text = long(3_000, 3, "The captain of the Anholt ferry is called Bruun.")
    given = client.chat.completions.create(
        model="cascade/harbour", messages=[*ask(text), *ask("When does the ferry to Anholt leave, who is its captain?")]
    )
    homes = {each["passage"]["source"] for each in given.model_extra["cascade"]["citations"]}
    assert "14:15" in given.choices[0].message.content
    assert "Bruun" in given.choices[0].message.content
    assert homes == {"notes", "prompt"}


def test_a_response_is_the_same_answer(client):
    given = client.responses.create(model="cascade/harbour", input="When does the ferry to Anholt leave?")
    assert given.output_text == "The ferry to Anholt leaves at 14:15. [1]"
    noted = given.output[0].content[0].annotations[0]
    assert (noted.type, given.output_text[noted.start_index : noted.end_index]) == ("url_citation", "[1]")
    assert given.usage.total_tokens > given.usage.output_tokens == 9
    with client.responses.stream(model="cascade/harbour", input="When does the ferry to Anholt leave?") as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert final.output_text == given.output_text
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[0].type == "response.created"
    assert events[-1].type == "response.completed"


def test_a_response_may_call_a_function(behind):
    client, model = behind
    piece = {"index": 0, "id": "c1", "function": {"name": "look", "arguments": "{}"}}
    model.replies = [[{"choices": [{"delta": {"tool_calls": [piece]}, "finish_reason": "tool_calls"}]}]]
    tool = {"type": "function", "name": "look", "parameters": {}}
    given = client.responses.create(
        model="cascade/harbour", instructions="In rhyme.", input=ask("Which colour?"), tools=[tool]
    )
    assert [(item.type, item.call_id, item.name) for item in given.output] == [("function_call", "c1", "look")]
    assert model.asked[0]["tools"][0]["function"]["name"] == "look"
    assert model.asked[0]["messages"][0]["content"].startswith("In rhyme.")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"previous_response_id": "resp_1"}, "Nothing is stored"),
        ({"background": True}, "background"),
        ({"tools": [{"type": "web_search"}]}, "'web_search'"),
        ({"input": [{"type": "reasoning", "id": "r"}]}, "'reasoning'"),
    ],
)
def test_what_responses_cannot_do_here_is_said(client, body, said):
    with pytest.raises(openai.BadRequestError, match=said):
        client.responses.create(**{"model": "cascade/harbour", "input": "q", **body})


def test_embeddings_are_those_of_the_index(client):
    texts = ["The ferry leaves.", "The tower"]
    given = client.embeddings.create(model="cascade/harbour", input=texts)
    assert np.allclose([row.embedding for row in given.data], ToyEncoder().encode_passages(texts))
    plain = client.embeddings.create(model="cascade/harbour", input=texts[0], encoding_format="float", dimensions=64)
    assert plain.data[0].embedding == pytest.approx(given.data[0].embedding)
    assert given.usage.prompt_tokens == given.usage.total_tokens > 5
    for bad, said in (({"input": [1, 2]}, "no text"), ({"dimensions": 8}, "64 dimensions"), ({"input": []}, "empty")):
        with pytest.raises(openai.BadRequestError, match=said):
            client.embeddings.create(**{"model": "cascade/harbour", "input": "x", **bad})
