"""The doctor: that ingest needs no network is proved in a process where every socket is denied."""

from __future__ import annotations

import subprocess

import pytest
from personal.living import cascade, in_another_process

from indexers.personal import doctor


def test_a_life_is_read_with_every_socket_denied() -> None:
    pytest.importorskip("PIL")
    ran = cascade("me", "doctor", "--no-network", "--json")
    assert (ran.code, [one["good"] for one in ran.json]) == (0, [True])
    said = ran.json[0]["said"]
    assert "every socket denied" in said and int(said.partition(" ")[0].replace(",", "")) > 100


TRIES = """
import socket
from indexers.personal import demo, doctor
def lived(folder, things):
    {attempt}
    return iter(())
demo.lived = lived
doctor.apart(10)
"""


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 80), 1)",
        "socket.getaddrinfo('models.example.org', 443)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    ],
)
def test_the_proof_can_fail(attempt: str) -> None:
    """The control: a reading that reaches out is stopped, or named."""
    done = subprocess.run(
        in_another_process(TRIES.format(attempt=attempt)), capture_output=True, text=True, check=False
    )
    assert done.returncode != 0 and "is denied here" in done.stderr


def test_an_attempt_that_was_swallowed_is_named_all_the_same() -> None:
    attempt = "import contextlib\n"
    attempt += "    with contextlib.suppress(OSError):\n        socket.getaddrinfo('x.example.org', 1)\n"
    attempt += "    with contextlib.suppress(OSError):\n        socket.getaddrinfo('localhost', 1)"
    done = subprocess.run(
        in_another_process(TRIES.format(attempt=attempt)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "x.example.org" in done.stdout and "localhost" not in done.stdout


def test_what_a_process_of_this_machine_is_asked_is_no_fault() -> None:
    assert {"127.0.0.1", "::1", "localhost"} == set(doctor.HERE)
