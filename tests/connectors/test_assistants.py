"""Conversations with ChatGPT and Claude: exchanges along the path that was seen last."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.assistants import CONNECTOR
from indexers.sources.connectors.base import Basis, Item, Kind, Origin, Person
from tests.connectors.gathered import items, mutations, read, skips, survives, write

START = 1_714_552_200.5


def node(
    key: str, parent: str | None, role: str = "", text: Any = "", kind: str = "text", **more: Any
) -> dict[str, Any]:
    parts = text if isinstance(text, list) else [text]
    message = {
        "id": key, "author": {"role": role}, "create_time": START, "recipient": "all", "metadata": {},
        "content": {"content_type": kind, "parts": parts}, **more,
    }  # fmt: skip
    return {"id": key, "parent": parent, "children": [], "message": message if role else None}


def chatgpt(*nodes: dict[str, Any], current: str | None = None) -> dict[str, Any]:
    return {
        "title": "Boats", "create_time": START, "conversation_id": "c1", "default_model_slug": "gpt",
        "current_node": current or nodes[-1]["id"], "mapping": {each["id"]: each for each in nodes},
    }  # fmt: skip


TWO = (
    node("root", None),
    node("q1", "root", "user", "What is a keel?"),
    node("a1", "q1", "assistant", "The spine of a boat."),
    node("q2", "a1", "user", "And a fin keel?"),
    node("a2", "q2", "assistant", "A plate below it."),
)


def claude(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"uuid": "k1", "name": "Trip", "created_at": "2024-05-01T08:30:00.1+00:00", "chat_messages": list(messages)}


def said(key: str, sender: str, text: str, **more: Any) -> dict[str, Any]:
    return {"uuid": key, "sender": sender, "text": text, "created_at": "2024-05-01T08:31:00Z", **more}


def test_an_item_is_a_question_with_its_answer(tmp_path: Path) -> None:
    first, second = items(read(CONNECTOR, write(tmp_path, {"conversations.json": [chatgpt(*TWO)]})))
    assert first.text == "Me: What is a keel?\n\nChatGPT: The spine of a boat."
    assert (first.kind, first.native, first.thread) == (Kind.ASSISTANT, "chatgpt:c1/q1", "chatgpt:c1")
    assert (first.title, first.labels) == ("Boats", ("gpt",))
    assert (first.moment.iso, first.moment.basis) == ("2024-05-01T08:30:00+00:00", Basis.UTC)
    assert first.people == (Person("Me"), Person("ChatGPT")) and first.origin is Origin.MACHINE
    assert second.text == "Me: And a fin keel?\n\nChatGPT: A plate below it."


def test_only_the_path_that_was_seen_last_is_read(tmp_path: Path) -> None:
    edited = node("q2b", "a1", "user", "And a bulb?")
    talk = chatgpt(*TWO, edited, node("a2b", "q2b", "assistant", "A weight."))
    found = items(read(CONNECTOR, write(tmp_path, {"conversations.json": [talk]})))
    assert [item.native for item in found] == ["chatgpt:c1/q1", "chatgpt:c1/q2b"]


def test_without_a_current_node_the_newest_leaf_stands_for_it(tmp_path: Path) -> None:
    newest = node("a1b", "q1", "assistant", "Newer.", create_time=START + 60)
    talk = {**chatgpt(*TWO[:3], newest), "current_node": None}
    [item] = items(read(CONNECTOR, write(tmp_path, {"conversations.json": [talk]})))
    assert item.text == "Me: What is a keel?\n\nChatGPT: Newer."


def test_what_the_program_keeps_to_itself_is_left_out(tmp_path: Path) -> None:
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
    nodes = (
        node("s", None, "system", "You are helpful"),
        node("u", "s", "user", "my instructions", metadata={"is_visually_hidden_from_conversation": True}),
        node(
            "q",
            "u",
            "user",
            [picture, "What is this?"],
            "multimodal_text",
            metadata={"attachments": [{"name": "keel.png"}]},
        ),
        node("t", "q", "assistant", "search('keel')", recipient="web"),
        node("o", "t", "tool", "results"),
        node("r", "o", "assistant", "hmm", "thoughts"),
        node("a", "r", "assistant", "A keel."),
    )
    [item] = items(read(CONNECTOR, write(tmp_path, {"conversations.json": [chatgpt(*nodes)]})))
    assert item.text == "Me: [image]\nWhat is this?\n\nChatGPT: A keel."
    assert item.attachments == ("keel.png",)


def test_shards_in_a_zip_are_read_and_other_lists_of_conversations_are_not(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, ident in (
            ("conversations-000.json", "a"),
            ("conversations-001.json", "b"),
            ("shared_conversations.json", "c"),
        ):
            archive.writestr(name, json.dumps([{**chatgpt(*TWO[:3]), "conversation_id": ident}]))
    assert [item.thread for item in items(read(CONNECTOR, tmp_path))] == ["chatgpt:a", "chatgpt:b"]


def test_a_tree_that_bites_its_own_tail_ends(tmp_path: Path) -> None:
    loop = (node("a", "b", "user", "x"), node("b", "a", "assistant", "y"))
    [item] = items(read(CONNECTOR, write(tmp_path, {"conversations.json": [chatgpt(*loop)]})))
    assert item.text == "Me: x\n\nChatGPT: y"


def test_claude_is_read_by_its_contents_with_pasted_documents_beside(tmp_path: Path) -> None:
    content = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Go by boat."}, {"type": "tool_use"}]
    document = {"file_name": "plan.txt", "extracted_content": "Day one: Rome"}
    talk = claude(said("m1", "human", "How?", attachments=[document]), said("m2", "assistant", "", content=content))
    [item] = items(read(CONNECTOR, write(tmp_path, {"conversations.json": [talk]})))
    assert item.text == "Me: How?\n\nClaude: Go by boat."
    assert (item.native, item.title, item.attachments) == ("claude:k1/m1", "Trip", ("plan.txt",))
    assert item.quoted == "Day one: Rome" and item.moment.iso == "2024-05-01T08:31:00+00:00"


def test_a_question_without_an_answer_is_mine(tmp_path: Path) -> None:
    [item] = items(read(CONNECTOR, write(tmp_path, {"conversations.json": [claude(said("m1", "human", "Hello?"))]})))
    assert item.origin is Origin.MINE and item.author == Person("Me")


def test_a_conversation_that_is_neither_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    text = f'[{{"x": 1}}, {{"mapping": 3}}, {{bad}}, {json.dumps(claude(said("m1", "human", "Hello?")))}]'
    things = read(CONNECTOR, write(tmp_path, {"conversations.json": text}))
    assert [skipped.locator for skipped in skips(things)] == [f"conversations.json$[{row}]" for row in range(3)]
    assert [thing.native for thing in things if isinstance(thing, Item)] == ["claude:k1/m1"]


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("a")
    seed = json.dumps([chatgpt(*TWO), claude(said("m", "human", "x", content=[{"type": "text"}], files=[{}]))])
    survives(CONNECTOR, folder, "conversations.json", data.draw(mutations(seed.encode())))
