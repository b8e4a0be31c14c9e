"""Commands of shells, without secrets."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Item, Kind, Origin
from indexers.sources.connectors.shell import CONNECTOR
from indexers.sources.connectors.shell.secrets import holds_secret
from tests.connectors.open_reader import OpenReader

T = 1_714_552_200  # 2024-05-01T08:30:00Z


def read(root: Path, **safe: int) -> tuple[list[Item], list[str]]:
    things = list(CONNECTOR.read(OpenReader(root, safe={k.replace("__", "."): v for k, v in safe.items()})))
    return [t for t in things if isinstance(t, Item)], [t.reason for t in things if isinstance(t, Skipped)]


def wrote(tmp_path: Path, name: str, raw: bytes) -> tuple[list[Item], list[str]]:
    (tmp_path / name).write_bytes(raw)
    return read(tmp_path)


def test_bash_with_times_has_commands_of_several_lines(tmp_path):
    raw = f"old one\n#{T}\nfor x in a b; do\n  echo $x\ndone\n#{T + 60}\nmake test\n#note\n".encode()
    items, skipped = wrote(tmp_path, ".bash_history", raw)
    assert [(item.text, item.moment.iso) for item in items] == [
        ("old one", ""),
        ("for x in a b; do\n  echo $x\ndone", "2024-05-01T08:30:00+00:00"),
        ("make test\n#note", "2024-05-01T08:31:00+00:00"),
    ]
    assert (items[1].kind, items[1].origin, items[1].labels) == (Kind.COMMAND, Origin.MINE, ("bash",))
    assert items[1].title == "for x in a b; do"
    assert items[1].locator == ".bash_history@8"
    assert skipped == []


def test_a_command_is_one_item_a_day(tmp_path):
    raw = b"".join(b"#%d\nmake test\n" % (T + day) for day in (0, 5, 86_400))
    items, _ = wrote(tmp_path, ".bash_history", raw)
    assert [(item.native[-10:], item.extra["runs"]) for item in items] == [("2024-05-01", 2), ("2024-05-02", 1)]


def test_without_times_a_command_is_one_item(tmp_path):
    items, _ = wrote(tmp_path, ".bash_history", b"make test\nmake install\nmake test\n")
    assert [(item.text, item.extra["runs"], item.moment.basis) for item in items] == [
        ("make test", 2, Basis.NONE), ("make install", 1, Basis.NONE),
    ]  # fmt: skip


def test_zsh_is_unmetafied_and_its_lines_joined(tmp_path):
    said = "echo 'Zoë ツ'".encode()
    raw = b": %d:0;" % T + metafied(said) + b"\n: %d:2;docker run \\\n  -it x\nplain\n" % T
    raw += b": 99999999999999999:0;bad time\n"
    items, _ = wrote(tmp_path, ".zsh_history", raw)
    assert [(item.text, item.moment.iso) for item in items] == [
        ("echo 'Zoë ツ'", "2024-05-01T08:30:00+00:00"),
        ("docker run \n  -it x", "2024-05-01T08:30:00+00:00"),
        ("plain", ""),
        ("bad time", ""),
    ]


def metafied(raw: bytes) -> bytes:
    return b"".join(bytes((0x83, byte ^ 0x20)) if 0x83 <= byte <= 0xA2 else bytes((byte,)) for byte in raw)


def test_fish_has_escaped_lines_and_times(tmp_path):
    raw = b"- cmd: echo one\\ntwo \\\\n\n  when: %d\n  paths:\n    - a\n- cmd: echo three\n" % T
    items, _ = wrote(tmp_path, "fish_history", raw)
    assert [(item.text, item.moment.iso) for item in items] == [
        ("echo one\ntwo \\n", "2024-05-01T08:30:00+00:00"),
        ("echo three", ""),
    ]


def test_powershell_goes_on_after_a_backtick(tmp_path):
    items, _ = wrote(tmp_path, "ConsoleHost_history.txt", b"Get-Item `\r\n  x\r\nGet-Date\r\n")
    assert [item.text for item in items] == ["Get-Item \n  x", "Get-Date"]


def test_what_was_not_to_be_kept_is_counted_and_left_out(tmp_path):
    items, skipped = wrote(tmp_path, ".bash_history", b" hidden\nls\nexport API_KEY=abc123def\nmake test\n")
    assert [item.text for item in items] == ["make test"]
    assert skipped == [
        "1 commands begin with a space: they were not to be kept.",
        "1 commands hold a secret.",
        "1 commands say nothing (ls, cd, exit).",
    ]


@pytest.mark.parametrize(
    "command",
    [
        "export GITHUB_TOKEN=abcdef123", "DB_PASSWORD='x y z' ./run", "mysql -u root -phunter2 x", "set -x SECRET abcd",
        "curl -H 'Authorization: Bearer abc.def.ghi' https://example.com", "curl -u anna:hunter2 https://example.com",
        "git clone https://anna:hunter2@example.com/x.git", "sshpass -p hunter2 ssh x", "docker --password hunter2",
        "echo hunter2 | sudo -S ls", "aws configure set aws_secret_access_key abcd1234", "echo AKIAIOSFODNN7EXAMPLE",
        "openssl enc -k hunter2 -in x", "x ghp_abcdefghijklmnopqrstuvwxyz0123456789", "vault write token=abc.def",
        "./x --api-key=abc123",
    ],
)  # fmt: skip
def test_a_command_that_holds_a_secret_is_told(command):
    assert holds_secret(command)


@pytest.mark.parametrize(
    "command",
    [
        "git commit --author 'Anna <a@example.com>'", "export TOKEN=$(cat t)", "ssh anna@example.com", "pass show mail",
        "python tokenizer.py --tokens 100", "kubectl get secret", "curl -u $USER:$PASS https://x", "mysql -p shop",
        "cd ~/projects/auth-service", "pwd && ls", "git clone https://example.com/x.git", "ffmpeg -i a -c:v libx264 b",
        "openssl rsa -passin env:PASS", "ls -la passwords", "grep -r 'basic authentication' docs",
    ],
)  # fmt: skip
def test_a_command_without_a_secret_is_kept(command):
    assert not holds_secret(command)


def test_a_long_line_takes_no_long_time():
    begun = time.perf_counter()
    for line in ("token" * 12_000, "-" * 60_000, "a" * 60_000, "curl " * 12_000, "set -x " * 8_000, "mysql " * 10_000):
        holds_secret(line)
    assert time.perf_counter() - begun < 10


def test_reading_goes_on_where_a_day_ended(tmp_path):
    first = b"#%d\nmake one\n#%d\nmake two\n" % (T, T + 86_400)
    items, _ = wrote(tmp_path, ".bash_history", first)
    assert [(item.text, item.after) for item in items] == [("make one", 21), ("make two", -1)]
    (tmp_path / ".bash_history").write_bytes(first + b"#%d\nmake three\n" % (T + 86_500))
    later, _ = read(tmp_path, **{"__bash_history": 21})
    assert [item.text for item in later] == ["make two", "make three"]
    assert later[0].native == items[1].native
    assert later[0].locator == items[1].locator


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(raw=st.binary(max_size=200), begin=st.sampled_from([b"", b"- cmd: a\\n\n", b": 17:0;a\\\n", b"#1714552200\n"]))
def test_no_bytes_break_the_reading(tmp_path, raw, begin):
    for name in (".zsh_history", ".bash_history"):
        items, _ = wrote(tmp_path, name, begin + raw)
        assert all(item.text for item in items)
