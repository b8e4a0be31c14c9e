"""Settings: flags before environment before file before defaults; nothing unknown, nothing impossible."""

from __future__ import annotations

import pytest

from cascade.config import Config, PackConfig, RetrieveConfig, load, remember
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
    found = load(environment={"CASCADE_RETRIEVE__PATIENCE": "0.5", "CASCADE_EFFORT": "max", "CASCADE_THREADS": "2"})
    assert (found.retrieve.patience, found.effort, found.threads) == (0.5, Effort.MAX, 2)
    assert load(environment={}, retrieve={"patience": 1}).retrieve.patience == 1.0


def test_names_that_are_no_settings_of_the_query_path_are_left_alone():
    environment = {
        "CASCADE_READER_KEY": "secret",
        "CASCADE_CACHE": "/x",
        "CASCADE_EVAL_DATA": "/y",
        "PATH": "/bin",
        "CASCADES": "1",
    }
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
        ("windows = 3", "table of names with numbers"), ('[windows]\nlocal = "big"', "windows.local = 'big'"),
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


def test_the_window_of_a_reader_comes_from_a_flag_the_environment_or_what_was_measured(toml):
    file = toml('reader = "local"\n[windows]\nlocal = 500\n"openai:m" = 9000\n')
    assert load(file, {}).reads == 500
    assert load(file, {}, reader="openai:m").reads == 9000
    assert load(file, {}, reader="toy").reads is None
    assert load(file, {"CASCADE_WINDOWS__LOCAL": "700"}).reads == 700
    assert load(file, {"CASCADE_WINDOWS__LOCAL": "700", "CASCADE_WINDOW": "800"}).reads == 800
    assert load(file, {"CASCADE_WINDOW": "800"}, window=900).reads == 900


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, '[windows]\n"local" = 5\n'),
        ("threads = 2 # two\n", 'threads = 2 # two\n\n[windows]\n"local" = 5\n'),
        (
            "[windows]\nlocal = 9\ntoy = 3\n[pack]\nanswer = 4\n",
            '[windows]\n"local" = 5\ntoy = 3\n[pack]\nanswer = 4\n',
        ),
        ("[windows] # measured\n'local' = 9\n", '[windows] # measured\n"local" = 5\n'),
    ],
)
def test_a_window_is_written_into_its_table_and_all_else_is_left(tmp_path, before, after):
    file = tmp_path / "cascade.toml"
    if before is not None:
        file.write_text(before)
    remember(file, "local", 5)
    assert file.read_text() == after
    assert load(file, {}).windows["local"] == 5


@pytest.mark.parametrize("before", ["windows = { local = 9 }\n", "windows.local = 9\n", "not toml"])
def test_a_table_that_cannot_be_extended_by_a_line_is_left_as_it_is(tmp_path, before):
    file = tmp_path / "cascade.toml"
    file.write_text(before)
    with pytest.raises(BadConfig, match=r"cascade\.toml"):
        remember(file, "local", 5)
    assert file.read_text() == before
