"""MCP through the SDK's own client: over a subprocess's standard input and output, and over HTTP behind keys."""

import asyncio
import json
import re
import subprocess
import sys
import time
import tomllib
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from api_served import TEXTS, bay, harbour, keyed, listening, served
from small import build, record
from test_load import Slow

pytest.importorskip("mcp")

import httpx2
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from api.app import create
from api.cli import mcp
from api.house import House, Rules
from api.mcp import local
from api.mcp.arguments import Search, schema
from api.mcp.door import PATH
from api.shelf import Shelf
from cascade import Engine, shapes
from cascade.config import Config

START = "import sys; sys.argv[0] = 'cascade'; from api.cli import mcp; mcp()"


def started(*arguments):
    """What a client starts: the command in a process of its own."""
    return StdioServerParameters(
        command=sys.executable, args=["-c", START, *map(str, arguments)], env={"PYTHONPATH": ":".join(sys.path)}
    )


def told(server, steps, **how):
    """Run steps with a client of a server, or of a program that is started for it."""

    async def run():
        async with Client(server, **how) as client:
            return await asyncio.wait_for(steps(client), 60)

    return asyncio.run(run())


def here(roots, steps):
    """Run steps with a client of a server in this process."""
    with Shelf.open(roots, Config(reader="toy")) as shelf:
        return told(local.server(House(shelf)), steps)


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mcp")
    return [harbour(folder / "harbour"), bay(folder / "bay")]


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """An index of one record of many passages."""
    root = tmp_path_factory.mktemp("long") / "log"
    days = (f"Day {day}. " + f"The watch of day {day} saw ship number {day * 7}. " * 30 for day in range(300))
    text = "\n\n".join(days)
    build(root, [record("log", text, key="log", title="The log")])
    return root, text


@asynccontextmanager
async def over(port, key="", mode="auto"):
    """A client of a server on this machine, with a key."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def door(roots, tmp_path_factory):
    """A real server with keys; its port and the keys."""
    keys, tokens = keyed(tmp_path_factory.mktemp("keys"))
    with Shelf.open(roots, Config(reader="toy")) as shelf, listening(create(House(shelf, keys=keys))) as port:
        yield port, tokens


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_program_of_its_own_answers_with_the_passages_and_scores_of_the_library(roots, mode):
    async def steps(client):
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        found = await client.call_tool("search", {"query": "How high is the tower?", "k": 3})
        answer = await client.call_tool("ask", {"question": "How high is the tower?"})
        return tools, found, answer

    tools, found, answer = told(started(roots[0], "--reader", "toy"), steps, mode=mode)
    assert list(tools) == ["search", "read", "ask", "explain"]
    assert "index" not in tools["search"].input_schema["properties"]
    engine = Engine.open(roots[0], Config(reader="toy"))
    ours = shapes.ranking(engine.search("How high is the tower?", 3))
    engine.close()
    assert found.structured_content["passages"] == json.loads(json.dumps(ours["passages"]))
    assert found.content[0].text.startswith(f"[1] Tower (notes, tower)\npassage {ours['passages'][0]['id']}")
    assert TEXTS["tower"] in found.content[0].text
    assert answer.structured_content["answer"] == "The tower is 46 metres high. [1]"
    assert "It rests on:\n\n[1] Tower" in answer.content[0].text


def test_with_several_indexes_each_tool_takes_one_of_them(roots):
    async def steps(client):
        search = (await client.list_tools()).tools[0]
        seals = await client.call_tool("search", {"index": "bay", "query": "seals"})
        unnamed = await client.call_tool("search", {"query": "seals"})
        return search, seals, unnamed

    search, seals, unnamed = here(roots, steps)
    assert search.input_schema["properties"]["index"]["enum"] == ["harbour", "bay"]
    assert search.input_schema["required"] == ["index", "query"]
    assert seals.structured_content["passages"][0]["key"] == "seal"
    assert unnamed.is_error
    assert "Say which index. Name one of: harbour, bay." in unnamed.content[0].text


def test_read_gives_the_text_around_a_passage_and_resources_the_whole_piece_by_piece(long):
    root, text = long

    async def steps(client):
        found = await client.call_tool("search", {"query": "ship number 1050", "k": 1})
        best = found.structured_content["passages"][0]
        around = await client.call_tool("read", {"passage": best["id"], "before": 3, "after": 1})
        listed = (await client.list_resources()).resources
        first = (await client.read_resource(listed[0].uri)).contents[0].text
        onward = re.search(r"read (cascade://\S+)\]$", first)[1]
        return best, around.structured_content, listed, first, (await client.read_resource(onward)).contents[0].text

    best, around, listed, first, rest = here([root], steps)
    assert around["text"] == text[around["start"] : around["end"]]
    assert best["text"] in around["text"]
    assert [one["id"] for one in around["passages"]].index(best["id"]) == 3
    assert len(around["passages"]) == 5
    assert [(one.name, one.uri) for one in listed] == [("The log", f"cascade://log/records/{best['record']}")]
    assert first.rpartition("\n\n[")[0] + rest == text


def test_what_is_wrong_is_said_in_a_sentence_that_a_model_can_act_on(roots):
    asked = [
        ("search", {"query": "x", "k": 118}, "k: Input should be less than or equal to 117"),
        ("search", {"query": ""}, "query: String should have at least 1 character"),
        ("search", {"query": "x", "limit": 3}, "limit: Extra inputs are not permitted"),
        ("search", {"query": "x" * 20_001}, "query: String should have at most 20000 characters"),
        ("search", {"query": "x", "deadline": 601}, "deadline: Input should be less than or equal to 600"),
        ("search", {"query": "x", "filter": "colour ="}, "Write: field operator value."),
        ("search", {"query": "x", "index": "/etc"}, "There is no index '/etc' here. Name one of: harbour."),
        ("read", {"passage": "../../etc/passwd"}, "is not a passage id"),
        ("explain", {"query": "x", "passage": "0" * 32 + "-0"}, "There is no passage"),
    ]

    async def steps(client):
        results = [await client.call_tool(name, arguments) for name, arguments, _ in asked]
        errors = []
        for uri in (f"cascade://harbour/records/{'0' * 32}", "file:///etc/passwd", "cascade://../records/x"):
            with pytest.raises(MCPError) as error:
                await client.read_resource(uri)
            errors.append(str(error.value))
        with pytest.raises(MCPError, match="There are: search, read, ask, explain"):
            await client.call_tool("delete", {})
        return results, errors

    results, errors = here(roots[:1], steps)
    for result, (_, _, said) in zip(results, asked, strict=True):
        assert result.is_error
        assert said in result.content[0].text
        assert result.structured_content["status"] in (400, 404)
        assert "/harbour" not in result.content[0].text
    assert "There is no passage" in errors[0]
    assert "is no record here" in errors[1]
    assert "is no record here" in errors[2]


def test_explain_tells_the_fate_of_a_passage(roots):
    async def steps(client):
        found = (await client.call_tool("search", {"query": "ferry", "k": 1})).structured_content["passages"][0]
        return await client.call_tool("explain", {"query": "ferry", "passage": found["id"]})

    result = here(roots[:1], steps)
    assert result.structured_content["lost"] is None
    assert [stage["stage"] for stage in result.structured_content["stages"]] == ["retrieve", "rerank", "pack"]
    assert result.content[0].text.startswith("No stage lost the passage.\nretrieve: kept (rank 1")


def test_stdout_is_the_protocol_alone_and_the_program_ends_with_its_input(roots):
    lines = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "search", "arguments": {"query": "ferry"}}},
    ]  # fmt: skip
    command = [sys.executable, "-c", START, str(roots[0])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    begin = time.monotonic()
    said = []
    for line in lines:
        process.stdin.write(json.dumps(line) + "\n")
        process.stdin.flush()
        if "id" in line:
            said.append(json.loads(process.stdout.readline()))
    process.stdin.write("not json\n")
    process.stdin.close()
    rest = [json.loads(line) for line in process.stdout.read().splitlines()]
    assert process.wait(20) == 0
    process.stdout.close()
    assert [each["id"] for each in said] == [1, 2]
    assert said[0]["result"]["serverInfo"]["name"] == "cascade"
    assert said[1]["result"]["structuredContent"]["passages"][0]["key"] == "ferry"
    assert all(each["jsonrpc"] == "2.0" for each in rest)
    assert time.monotonic() - begin < 40


def test_an_index_that_is_not_there_is_a_sentence_before_anything_is_served(tmp_path):
    command = [sys.executable, "-c", START, str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert "holds no index" in done.stderr
    assert done.stdout == ""
    assert done.returncode != 0


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_over_http_a_key_sees_the_indexes_that_are_its_own(door, mode):
    port, keys = door

    async def run():
        async with over(port, keys["reader"], mode) as reader:
            tools = (await reader.list_tools()).tools
            own = await reader.call_tool("search", {"query": "ferry", "k": 1})
            other = await reader.call_tool("search", {"query": "seals", "index": "bay"})
            never = await reader.call_tool("search", {"query": "seals", "index": "nowhere"})
            pages = [await reader.list_resources()]
        async with over(port, keys["admin"], mode) as admin:
            pages.append(await admin.list_resources())
            pages.append(await admin.list_resources(cursor=pages[1].next_cursor))
            return tools, own, other, never, pages

    tools, own, other, never, pages = asyncio.run(run())
    assert "index" not in tools[0].input_schema["properties"]
    assert own.structured_content["passages"][0]["key"] == "ferry"
    assert other.content[0].text.replace("bay", "nowhere") == never.content[0].text
    assert [len(page.resources) for page in pages] == [4, 4, 1]
    assert [page.next_cursor for page in pages] == [None, "bay", None]


def test_over_http_nobody_enters_without_a_key_and_only_by_post(door):
    port, keys = door
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    kinds = {"Accept": "application/json, text/event-stream"}

    def sent(method, key="", **how):
        headers = {**kinds, **({"Authorization": f"Bearer {key}"} if key else {}), **how.pop("headers", {})}
        return httpx2.request(method, f"http://127.0.0.1:{port}/mcp", headers=headers, timeout=20, **how)

    assert sent("POST", json=call).status_code == 401
    assert sent("POST", keys["gone"], json=call).status_code == 401
    assert sent("POST", keys["reader"], json=call, headers={"Origin": "http://evil.example"}).status_code == 403
    assert (sent("GET", keys["reader"]).status_code, sent("DELETE", keys["reader"]).status_code) == (405, 405)
    assert sent("POST", keys["reader"], content=b"x" * (1 << 20) + b"y").status_code == 413
    broken = sent("POST", keys["reader"], content=b"{")
    assert broken.status_code in (400, 406, 415)
    assert len(sent("POST", keys["reader"], json=call).json()["result"]["tools"]) == 4


def test_over_http_figures_and_audit_name_the_door_and_the_index(tmp_path):
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "search", "arguments": {"query": "ferry"}}}  # fmt: skip
    with served(tmp_path, text=True) as at:
        found = at.sent("POST", "/mcp", "reader", json=call, headers={"Accept": "application/json, text/event-stream"})
        assert found.json()["result"]["structuredContent"]["passages"][0]["key"] == "ferry"
        line = json.loads((tmp_path / "audit.jsonl").read_text().splitlines()[-1])
    assert (line["index"], line["route"], line["status"]) == ("harbour", "/mcp", 200)
    assert line["question"] == "ferry"


@pytest.mark.parametrize("mode", ["2025-06-18", "2026-07-28"])
def test_a_client_that_leaves_stops_what_was_done_for_it(roots, mode):
    reader = Slow()
    meta = {"io.modelcontextprotocol/protocolVersion": mode, "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"}}  # fmt: skip
    params = {"name": "ask", "arguments": {"question": "How high is the tower?"}, "_meta": meta}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": mode,
               "Mcp-Method": "tools/call", "Mcp-Name": "ask"}  # fmt: skip
    with Shelf.open(roots[:1], Config(reader="toy")) as shelf:
        shelf.engine("harbour")._reader = reader
        with listening(create(House(shelf, rules=Rules(drain=5)))) as port:
            with pytest.raises(httpx2.TimeoutException):
                httpx2.post(f"http://127.0.0.1:{port}/mcp", json=call, headers=headers, timeout=2)
            assert reader.begun.is_set()
            assert reader.ended.wait(5)


def test_what_the_documentation_tells_clients_starts_this_command_or_comes_to_this_door():
    page = (Path(__file__).parents[2] / "docs" / "mcp.md").read_text("utf-8")
    blocks = re.findall(r"```(json|toml)\n(.*?)```", page, re.DOTALL)
    found = [json.loads(body) if kind == "json" else tomllib.loads(body) for kind, body in blocks]
    servers = [next(iter(each.values()))["cascade"] for each in found]
    assert len(servers) == 6
    for server in servers:
        if "command" in server:
            assert server["command"].endswith("/cascade")
            context = mcp.make_context("mcp", server["args"][1:])
            assert (server["args"][0], context.params["indexes"][0]) == ("mcp", Path("/home/me/notes"))
        else:
            assert server["url"].endswith(f":8117{PATH}")


def test_a_tool_is_described_without_nulls_or_references():
    described = schema(Search, ["one"])
    assert "$ref" not in json.dumps(described)
    assert described["properties"]["effort"]["enum"] == ["low", "normal", "high", "max"]
    assert described["properties"]["k"]["maximum"] == 117
    assert all("description" in field for field in described["properties"].values())
