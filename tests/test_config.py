"""Settings: flags before environment before file before defaults; nothing unknown, nothing impossible."""

from __future__ import annotations

import pytest

from cascade.config import Config, PackConfig, RetrieveConfig, load
from cascade.data import Effort
from cascade.errors import BadConfig


@pytest.fixture
def toml(tmp_path):
    path = tmp_path / "cascade.toml"

    def write(text):
        path.write_text(text)
        return path

    return write


def test_the_defaults_stand_when_nothing_is_given():
    assert load(environment={}) == Config()


def test_flags_come_before_environment_before_file_before_defaults(toml):
    file = toml('reader = "file"\nscorer = "file"\nencoder = "file"\n[retrieve]\nwidth = 5\nlexical = 6\n')
    environment = {"CASCADE_READER": "env", "CASCADE_SCORER": "env", "CASCADE_RETRIEVE__WIDTH": "7"}
    found = load(file, environment, reader="flag", effort=None)
    assert (found.reader, found.scorer, found.encoder, found.effort) == ("flag", "env", "file", Effort.NORMAL)
    assert found.retrieve == RetrieveConfig(width=7, lexical=6)
    assert found.pack == PackConfig()


def test_the_file_of_this_folder_is_read(toml, monkeypatch):
    monkeypatch.chdir(toml("threads = 3").parent)
    assert load(environment={}).threads == 3


def test_values_get_the_type_of_their_field():
    found = load(environment={"CASCADE_RETRIEVE__PROBED": "0.5", "CASCADE_EFFORT": "max", "CASCADE_THREADS": "2"})
    assert (found.retrieve.probed, found.effort, found.threads) == (0.5, Effort.MAX, 2)
    assert load(environment={}, retrieve={"probed": 1}).retrieve.probed == 1.0


def test_names_that_are_no_settings_of_the_query_path_are_left_alone():
    environment = {"CASCADE_READER_KEY": "secret", "CASCADE_CACHE": "/x", "PATH": "/bin", "CASCADES": "1"}
    assert load(environment=environment) == Config()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("widht = 3", "there is no setting 'widht'"), ("[retrieve]\nwidht = 3", "there is no setting 'widht'"),
        ('[retrieve]\nwidth = "many"', "width = 'many' is not a int"), ("[retrieve]\nwidth = 3.7", "width = 3.7"),
        ("[retrieve]\nwidth = true", "width = True"), ("[retrieve]\nwidth = -1", "from 0 up"),
        ("[rerank]\ntrust = nan", "trust = nan"), ("[rerank]\ntrust = inf", "from 0 up"), ("reader = 5", "reader = 5"),
        ("reader = []", "reader = "), ("[reader]\nname = 1", "reader = "),
        ("retrieve = 3", "settings of its own: width"),
        ('effort = "huge"', "none of low, normal, high, max"), ("not toml", "is not valid TOML"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_by_name(toml, text, said):
    with pytest.raises(BadConfig, match=r"cascade\.toml") as refused:
        load(toml(text), {})
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "name", ["CASCADE_NOTHING", "CASCADE_RETRIEVE__NOTHING", "CASCADE_RETRIEVE", "CASCADE_READER__KEY", "CASCADE_"]
)
def test_an_unknown_name_in_the_environment_is_refused(name):
    with pytest.raises(BadConfig, match=name):
        load(environment={name: "x"})


def test_a_bad_flag_is_refused():
    with pytest.raises(BadConfig, match=r"the command line: effort = 'x'"):
        load(environment={}, effort="x")


def test_a_file_that_was_named_must_be_there_and_be_text(tmp_path):
    with pytest.raises(BadConfig, match="does not exist"):
        load(tmp_path / "none.toml", {})
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadConfig, match="is not valid TOML"):
        load(tmp_path / "bad.toml", {})


def test_at_least_the_fewest_lists_are_probed_and_never_more_than_there_are():
    config = RetrieveConfig(probed=0.15, fewest=64)
    assert [config.probes(lists) for lists in (1, 64, 128, 1000, 4096)] == [1, 64, 64, 150, 614]
