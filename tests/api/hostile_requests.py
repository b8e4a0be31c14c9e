"""A table of hostile requests: what is sent, and with which statuses it is turned away. None may give a 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

ROUTES = (
    ("GET", "/indexes", None), ("GET", "/indexes/harbour", None), ("GET", "/indexes/harbour/stats", None),
    ("GET", "/indexes/harbour/records", None), ("GET", "/indexes/harbour/records/" + "a" * 32, None),
    ("GET", "/indexes/harbour/passages/x-0", None), ("GET", "/jobs", None), ("GET", "/jobs/" + "a" * 16, None),
    ("GET", "/metrics", None), ("GET", "/v1/models", None),
    ("POST", "/search", {"index": "harbour", "query": "q"}), ("POST", "/ask", {"index": "harbour", "question": "q"}),
    ("POST", "/indexes/harbour/search", {"query": "q"}), ("POST", "/indexes/harbour/ask", {"question": "q"}),
    ("POST", "/indexes/harbour/context", {"query": "q"}),
    ("POST", "/indexes/harbour/explain", {"query": "q", "passage": "x-0"}),
    ("POST", "/indexes/harbour/records", {"records": [{"text": "t"}]}),
    ("POST", "/indexes/harbour/records/delete", {"filter": "key = x"}),
    ("POST", "/indexes/harbour/records/stream", None), ("POST", "/indexes/harbour/records/upload", None),
    ("DELETE", "/indexes/harbour/records/" + "a" * 32, None), ("DELETE", "/jobs/" + "a" * 16, None),
    ("POST", "/v1/rerank", {"model": "harbour", "query": "q", "documents": ["d"]}),
)  # fmt: skip
"""Every route that is not open to all."""

WRITES = {
    ("POST", "/indexes/harbour/records"), ("POST", "/indexes/harbour/records/delete"),
    ("POST", "/indexes/harbour/records/stream"), ("POST", "/indexes/harbour/records/upload"),
    ("DELETE", "/indexes/harbour/records/" + "a" * 32),
}  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """A request, as whom it is sent ("" as nobody), and the statuses it may end with."""

    name: str
    method: str
    path: str
    key: str = "reader"
    codes: tuple[int, ...] = (400, 404, 405, 422)
    how: dict[str, Any] = field(default_factory=dict)


def attempts() -> list[Attempt]:
    """All of them."""
    return [*unauthorised(), *beyond_rights(), *crossed(), *malformed(), *oversized(), *traversal(), *headers()]


def unauthorised() -> Iterator[Attempt]:
    """No key, and things that are no keys, on every route."""
    for method, path, body in ROUTES:
        how = {"json": body} if body else {}
        yield Attempt("no key", method, path, "", (401,), how)
        yield Attempt("revoked key", method, path, "gone", (401,), how)
    for shown, value in {
        "empty": "", "bearer alone": "Bearer", "basic": "Basic YWRtaW46YWRtaW4=", "nonsense": "Bearer x",
        "prefix": "Bearer cascade_", "wildcard": "Bearer *", "null": "Bearer null", "two words": "Bearer a b",
        "sql": "Bearer ' or 1=1 --", "long": "Bearer " + "a" * 5_000, "local": "Bearer local",
        "nul": "Bearer cascade_%00_x", "digest": "Bearer cascade__", "unicode": "Bearer \u00fc\u00fc",
    }.items():  # fmt: skip
        sent = {"headers": {"Authorization": value.encode("latin-1")}}
        yield Attempt(f"{shown} as key", "GET", "/indexes", "", (401, 429), sent)
    yield Attempt("key in the address", "GET", "/indexes?api_key=KEY&token=KEY", "", (401,))
    yield Attempt("key in a cookie", "GET", "/indexes", "", (401,), {"headers": {"Cookie": "key=KEY"}})
    yield Attempt(
        "two keys", "GET", "/indexes", "", (401,), {"headers": {"X-API-Key": "a", "Authorization": "Bearer b"}}
    )


def beyond_rights() -> Iterator[Attempt]:
    """A key that only reads, where more is needed."""
    for method, path, body in ROUTES:
        if (method, path) in WRITES:
            yield Attempt("reader writes", method, path, "reader", (403,), {"json": body} if body else {})
    for key in ("reader", "writer", "other"):
        yield Attempt(f"{key} sees figures", "GET", "/metrics", key, (403,))


def crossed() -> Iterator[Attempt]:
    """A key of one index at another, which must be as if it were not there."""
    for method, path, body in ROUTES:
        if "harbour" in path or (body and "harbour" in json.dumps(body)):
            yield Attempt("other's index", method, path, "other", (400, 404), {"json": body} if body else {})


def malformed() -> Iterator[Attempt]:
    """Bodies and values that mean nothing."""
    kind = {"Content-Type": "application/json"}
    for shown, raw in {
        "nothing": b"", "a brace": b"{", "null": b"null", "a list": b"[]", "a number": b"7", "a string": b'"q"',
        "bytes": bytes(range(256)), "not UTF-8": b'{"query": "\xff\xfe"}', "a deep list": b"[" * 50_000,
        "a deep object": b'{"a":' * 20_000, "a huge number": b'{"query": "q", "k": ' + b"9" * 5_000 + b"}",
        "NaN": b'{"query": "q", "k": NaN}', "infinity": b'{"query": "q", "deadline": Infinity}',
        "half a pair": b'{"query": "\\ud800"}', "two of a key": b'{"query": "q", "query": 5}',
        "UTF-16": '{"query": "q"}'.encode("utf-16")[:-1], "a comment": b'{"query": "q" /* c */}',
        "a form": b"query=q", "XML": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    }.items():  # fmt: skip
        yield Attempt(f"{shown} as body", "POST", "/indexes/harbour/search", how={"content": raw, "headers": kind})
    base = {"query": "q"}
    for name, value in (
        ("k", 0), ("k", -1), ("k", 30_001), ("k", "ten"), ("k", 1.5), ("k", None), ("k", []),
        ("deadline", 0), ("deadline", -1), ("deadline", "soon"), ("deadline", 1e9), ("effort", "huge"), ("effort", 3),
        ("history", "text"), ("history", [1]), ("history", ["x"] * 201), ("filter", 5), ("filter", "a" * 10_001),
        ("filter", "time >"), ("filter", "(" * 60 + "key = a" + ")" * 60), ("filter", "'; drop table passages; --"),
        ("filter", "not " * 100 + "key = a"), ("filter", "no_such_field = 1 or"), ("query", ""), ("query", None),
        ("query", 5), ("query", ["q"]), ("query", {"text": "q"}), ("text", "maybe"), ("index", "harbour"),
        ("reader", "https://evil.example/v1#m"), ("encoder", "openai:x"), ("ledger", {}), ("trace", ["x"]),
        ("__class__", "x"), ("\u0000", "x"),
    ):  # fmt: skip
        yield Attempt(
            f"{name} = {str(value)[:20]!r}", "POST", "/indexes/harbour/search", how={"json": {**base, name: value}}
        )
    for body in (
        {"records": []}, {"records": {}}, {"records": [{}]}, {"records": [{"text": ""}]}, {"records": ["text"]},
        {"records": [{"text": 5}]}, {"records": [{"text": "t"}], "source": "../x"}, {"source": "a"}, {},
        {"records": [{"text": "t"}], "source": ""}, {"records": [{"text": "t"}], "source": "a\nb"},
        {"records": [{"text": "t", "id": 5}]}, {"records": [{"text": "t"}], "url": "http://169.254.169.254/"},
    ):  # fmt: skip
        yield Attempt(f"records {str(body)[:30]}", "POST", "/indexes/harbour/records", "writer", how={"json": body})
    for query in ("limit=0", "limit=1001", "limit=x", "offset=3", "filter=time+%3E", "limit=1&limit=2&x=1"):
        yield Attempt(f"list with {query}", "GET", f"/indexes/harbour/records?{query}")
    for query in ("source=../x", "source=", "source=%00", "wait=-1", "wait=61", "wait=nan", "source=" + "a" * 101):
        yield Attempt(f"stream with {query}", "POST", f"/indexes/harbour/records/stream?{query}", "writer")
    for body in ({"filter": ""}, {}, {"filter": "key ="}, {"filter": "key = a", "all": True}):
        yield Attempt(f"delete {body}", "POST", "/indexes/harbour/records/delete", "writer", how={"json": body})
    for body in (
        {"query": "q", "documents": []}, {"query": "q"}, {"query": "", "documents": ["d"]},
        {"query": "q", "documents": [5]}, {"query": "q", "documents": ["d"], "top_n": 0},
        {"query": "q", "documents": [{"image": "http://x/"}]}, {"query": "q", "documents": "d"},
    ):  # fmt: skip
        yield Attempt(f"rerank {str(body)[:40]}", "POST", "/v1/rerank", how={"json": body})
    for method in ("PUT", "PATCH", "TRACE", "CONNECT", "PROPFIND", "X"):
        yield Attempt(f"{method} a search", method, "/indexes/harbour/search", codes=(404, 405))
    for shown, raw, sort in (
        ("no boundary", b"x", "multipart/form-data"), ("empty boundary", b"x", "multipart/form-data; boundary="),
        ("no end", b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nx',
         "multipart/form-data; boundary=b"),
        ("no file", b'--b\r\nContent-Disposition: form-data; name="files"\r\n\r\nx\r\n--b--\r\n',
         "multipart/form-data; boundary=b"),
        ("no disposition", b"--b\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b"),
        ("JSON", b"{}", "application/json"), ("nothing", b"", "multipart/form-data; boundary=b"),
    ):  # fmt: skip
        how = {"content": raw, "headers": {"Content-Type": sort}}
        yield Attempt(f"form with {shown}", "POST", "/indexes/harbour/records/upload", "writer", how=how)


def oversized() -> Iterator[Attempt]:
    """More than is taken, said and unsaid."""
    big = b'{"query": "' + b"a" * 1_100_000 + b'"}'
    kind = {"Content-Type": "application/json"}
    for path in ("search", "ask", "context", "explain", "records", "records/delete"):
        how = {"content": big, "headers": kind}
        yield Attempt("a large body", "POST", f"/indexes/harbour/{path}", "writer", (413,), how)
        yield Attempt(
            "a large body in pieces", "POST", f"/indexes/harbour/{path}", "writer", (413,), {**how, "pieces": True}
        )
        yield Attempt("a large body of nobody", "POST", f"/indexes/harbour/{path}", "", (401,), how)
    for name, value in (("query", "a" * 100_001), ("history", ["a" * 100_001])):
        body = {"query": "q", name: value}
        yield Attempt(f"a long {name}", "POST", "/indexes/harbour/search", codes=(422,), how={"json": body})
    rows = [{"text": "t"}] * 1_001
    yield Attempt("many records", "POST", "/indexes/harbour/records", "writer", (422,), {"json": {"records": rows}})
    rerank = {"query": "q", "documents": ["d"] * 1_001}
    yield Attempt("many documents", "POST", "/v1/rerank", codes=(422,), how={"json": rerank})
    yield Attempt("a large upload", "POST", "/indexes/harbour/records/stream", "writer", (413,),
                  {"content": b"x" * 3_000_000, "pieces": True})  # fmt: skip
    files = [("files", (f"{n}.txt", b"x")) for n in range(12)]
    yield Attempt("many files", "POST", "/indexes/harbour/records/upload", "writer", (400, 413), {"files": files})
    yield Attempt("a long path", "GET", "/indexes/" + "a" * 5_000, codes=(404,))
    yield Attempt("a long id", "GET", "/indexes/harbour/passages/" + "9" * 5_000 + "-" + "9" * 5_000, codes=(404,))


def traversal() -> Iterator[Attempt]:
    """Names that would be paths."""
    for name in (
        "..", "../..", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%2f..%2fetc", "..%5c..%5cwindows", "%00",
        "harbour%00", "harbour/../bay", "harbour%2f..%2fbay", "/etc/passwd", "%2fetc%2fpasswd", "harbour%20",
        "HARBOUR", "harbour.", "./harbour", "cascade%2fbay", "file:%2f%2f%2fetc", "~", "$HOME", "*", "harb*", "",
        "bay", "%c0%ae%c0%ae", "%ff", "harbour;bay", "harbour%0d%0aX: y",
    ):  # fmt: skip
        yield Attempt(f"index {name}", "GET", f"/indexes/{name}/passages/x-0", codes=(400, 404))
        body = {"index": name, "query": "q"}
        if name not in ("", "?"):
            yield Attempt(f"index {name} in a body", "POST", "/search", codes=(400,), how={"json": body})
    for name in ("../keys", "%2e%2e%2fkeys", "..%2f..%2fkeys.json", "a" * 15, "A" * 17, "%00" * 16, "*", ".hidden"):
        yield Attempt(f"job {name}", "GET", f"/jobs/{name}", codes=(404,))
        yield Attempt(f"job {name} ended", "DELETE", f"/jobs/{name}", "writer", (404, 405))
    for name in ("%2e%2e", "'; drop table records; --", '" or 1=1 or record = "', "%00", "a" * 33, "g" * 32):
        yield Attempt(f"record {name}", "GET", f"/indexes/harbour/records/{name}", codes=(404,))
        yield Attempt(f"record {name} deleted", "DELETE", f"/indexes/harbour/records/{name}", "writer", (404, 405))


def headers() -> Iterator[Attempt]:
    """Headers that would steer the answer or another server."""
    ask, kind = {"json": {"query": "q"}}, {"Content-Type": "application/json"}
    for shown, sent in {
        "another host": {"Host": "evil.example"}, "a rebound host": {"Host": "127.0.0.1.evil.example"},
        "an empty host": {"Host": ""}, "a host with a path": {"Host": "testserver/x"},
        "a host with an @": {"Host": "testserver@evil.example"},
    }.items():  # fmt: skip
        yield Attempt(f"{shown}", "POST", "/indexes/harbour/search", codes=(400,), how={**ask, "headers": sent})
    for origin in ("https://evil.example", "null", "http://testserver.evil.example", "http://localhost:1"):
        yield Attempt(
            f"from {origin}",
            "POST",
            "/indexes/harbour/search",
            codes=(403,),
            how={**ask, "headers": {"Origin": origin}},
        )
        preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        yield Attempt(
            f"preflight of {origin}", "OPTIONS", "/indexes/harbour/search", codes=(405,), how={"headers": preflight}
        )
    yield Attempt("a length that is none", "POST", "/indexes/harbour/search", codes=(400, 413, 422),
                  how={"content": b"{}", "headers": {"Content-Length": "9" * 30, **kind}})  # fmt: skip
