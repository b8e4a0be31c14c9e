"""Keys: shown once, kept as digests, recognised cheaply, useless once revoked."""

import json
import threading
import time
from functools import partial

import pytest
from click.testing import CliRunner

from api.commands import keys as command
from api.keys import Keys, Right
from cascade.errors import BadConfig, NotFound


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path / "keys.json")


def test_a_key_is_recognised_and_anything_like_it_is_not(keys):
    made, token = keys.create("me", Right.WRITE, ["notes"])
    assert keys.known(token) is None
    assert keys.recognise(token) == made
    assert keys.known(token) == made
    for wrong in (token[:-1], token + "x", token.swapcase(), f"cascade_{made.id}_", "", "x", token.replace("_", "-")):
        assert keys.recognise(wrong) is None, wrong
        assert keys.known(wrong) is None, wrong


def test_the_file_holds_no_secret_and_is_its_owners_alone(keys):
    made, token = keys.create("me")
    text = keys.file.read_text()
    assert token.split("_", 2)[2] not in text
    assert keys.file.stat().st_mode & 0o777 == 0o600
    assert token not in repr(made)
    assert made.digest not in repr(made)
    keys.file.chmod(0o644)
    with pytest.raises(BadConfig, match="chmod 600"):
        Keys(keys.file).all()


def test_a_revoked_key_is_useless_at_once_in_every_process(keys):
    made, token = keys.create("me")
    other = Keys(keys.file)
    assert other.recognise(token) == made
    keys.revoke(made.id)
    assert (other.known(token), other.recognise(token)) == (None, None)
    with pytest.raises(NotFound, match="cascade keys list"):
        keys.revoke("none")


def test_known_keys_cost_microseconds_and_unknown_ones_what_a_wrong_one_costs(keys):
    _, token = keys.create("me")
    keys.recognise(token)
    begin = time.perf_counter()
    for _ in range(100):
        assert keys.known(token)
    assert (time.perf_counter() - begin) / 100 < 0.001

    def took(wrong):
        begin = time.perf_counter()
        assert keys.recognise(wrong) is None
        return time.perf_counter() - begin

    wrong, unknown = (min(took(one) for _ in range(5)) for one in (token[:-1] + "~", "cascade_aaaaaaaaaaaa_x"))
    assert 1 / 3 < wrong / unknown < 3


def test_keys_made_at_once_are_all_kept(keys):
    made = [threading.Thread(target=Keys(keys.file).create, args=(f"k{n}",)) for n in range(6)]
    for thread in made:
        thread.start()
    for thread in made:
        thread.join()
    assert sorted(key.name for key in keys.all()) == [f"k{n}" for n in range(6)]


def test_rights_include_those_before_them():
    assert [[one.covers(other) for other in Right] for one in Right] == [
        [True, False, False], [True, True, False], [True, True, True]
    ]  # fmt: skip


@pytest.mark.parametrize("damage", ["", "{}", "[1]", "[{}]", '[{"id": "a"}]', "\x00"])
def test_a_file_that_holds_no_keys_is_refused_with_a_sentence(keys, damage):
    keys.create("me")
    keys.file.write_text(damage)
    with pytest.raises(BadConfig, match="Restore it"):
        keys.all()


def test_the_command_says_that_there_is_no_key_yet(tmp_path):
    said = CliRunner().invoke(command, ["list", "--keys", str(tmp_path / "none.json")])
    assert (said.exit_code, said.stdout) == (0, "")
    assert "holds no keys. Make one: cascade keys create NAME" in said.stderr


def test_the_command_makes_lists_and_revokes(tmp_path):
    file = ["--keys", str(tmp_path / "k.json")]
    run = partial(CliRunner().invoke, help_option_names=["-h", "--help"])  # as below `cascade`: click remembers them
    made = json.loads(run(command, ["create", "ann", "--may", "write", "--index", "a", "--json", *file]).stdout)
    assert (made["right"], made["indexes"]) == ("write", ["a"])
    assert Keys(tmp_path / "k.json").recognise(made["key"]).name == "ann"
    listed = run(command, ["list", *file]).stdout
    assert "ann" in listed
    assert made["key"] not in listed
    assert "is revoked" in run(command, ["revoke", made["id"], *file]).stdout
    assert Keys(tmp_path / "k.json").recognise(made["key"]) is None
