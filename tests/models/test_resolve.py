"""A name becomes a model; a wrong one becomes a sentence with the choices."""

from __future__ import annotations

import pytest

from cascade.errors import UnknownName
from cascade.models import resolve
from cascade.models.extractive import Extractive
from cascade.models.local import Local
from cascade.models.minilm import MiniLM
from cascade.models.openai import OpenAIEncoder, OpenAIReader
from cascade.models.sentence import CrossScorer, SentenceEncoder
from cascade.models.static import Static
from cascade.models.toy import ToyEncoder, ToyReader, ToyScorer


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("minilm", MiniLM), ("static", Static), ("toy", ToyEncoder), ("org/model", SentenceEncoder),
        ("https://host/v1#m", OpenAIEncoder), ("openai:m", OpenAIEncoder),
    ],
)
def test_encoders_by_name(name, kind):
    assert type(resolve.encoder(name)) is kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("local", Local), ("extractive", Extractive), ("toy", ToyReader), ("http://127.0.0.1:1/v1#m", OpenAIReader),
        ("openai:m", OpenAIReader),
    ],
)
def test_readers_by_name(name, kind):
    assert type(resolve.reader(name)) is kind


@pytest.mark.parametrize(("name", "kind"), [("toy", ToyScorer), ("org/model", CrossScorer)])
def test_scorers_by_name(name, kind):
    assert type(resolve.scorer(name)) is kind


def test_a_folder_is_a_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert type(resolve.encoder("mine")) is SentenceEncoder


def test_a_served_reader_takes_its_window_and_its_host_and_model_from_the_name():
    reader = resolve.reader("http://127.0.0.1:8000/v1#org/model", window=2_000)
    assert (reader.name, reader.window) == ("org/model@127.0.0.1:8000", 2_000)


def test_the_key_and_the_base_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "one")
    assert resolve.reader("openai:m").endpoint.key == "one"
    monkeypatch.setenv("CASCADE_READER_KEY", "two")
    reader = resolve.reader("openai:m")
    assert (reader.endpoint.base, reader.endpoint.key) == ("http://127.0.0.1:9/v1", "two")


@pytest.mark.parametrize("resolver", [resolve.encoder, resolve.scorer, resolve.reader])
def test_an_unknown_name_lists_the_choices(resolver):
    with pytest.raises(UnknownName, match=r"'minilmm'.*Choose one of: .*toy"):
        resolver("minilmm")


def test_a_server_without_a_model_says_how_to_name_one():
    with pytest.raises(UnknownName, match="Write https://host/v1#MODEL"):
        resolve.reader("https://host/v1")


@pytest.mark.parametrize("name", ["openai:", "openai:m", "https://host/v1#m"])
def test_a_scorer_cannot_be_served(name):
    with pytest.raises(UnknownName):
        resolve.scorer(name)
