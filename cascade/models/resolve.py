"""From the name a person types to a model. Nothing is opened or fetched here: models open at first use.

    encoder   minilm | minilm-int8 | static | toy | a sentence-transformers id or folder | openai:MODEL | https://host/v1#MODEL
    scorer    toy | a CrossEncoder id or folder
    reader    local | extractive | toy | openai:MODEL | https://host/v1#MODEL
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from cascade.errors import UnknownName, WrongEncoder
from cascade.models.base import Encoder, Reader, Scorer
from cascade.models.endpoint import Endpoint, key_from_environment

OPENAI = "https://api.openai.com/v1"
"""Where `openai:MODEL` goes when OPENAI_BASE_URL is not set."""


def encoder(name: str, threads: int = 0) -> Encoder:
    """The encoder of that name. `threads`: 0 means every core. Raises UnknownName or BadConfig."""
    from cascade.models.minilm import MiniLM
    from cascade.models.static import Static
    from cascade.models.toy import ToyEncoder

    own: dict[str, Callable[[], Encoder]] = {
        "minilm": lambda: MiniLM(threads), "minilm-int8": lambda: MiniLM(threads, int8=True), "static": Static,
        "toy": ToyEncoder,
    }  # fmt: skip
    if name in own:
        return own[name]()
    if (place := _served(name)) is not None:
        from cascade.models.openai import OpenAIEncoder

        return OpenAIEncoder(*place)
    if _elsewhere(name):
        from cascade.models.sentence import SentenceEncoder

        return SentenceEncoder(name, threads)
    raise _unknown("encoder", name, [*own, "a sentence-transformers id or folder", *_SERVED])


def encoder_of(index: Path, name: str, chosen: str) -> Encoder:
    """The encoder that an index says it was built with. `chosen`: the one in the user's own settings.

    Whoever made the index chose its name. A server would be sent every question with the key, and a library may run
    code it finds in a folder, so these are taken only where the user names the same. Raises WrongEncoder too.
    """
    foreign = _elsewhere(name) and (not _HUB.fullmatch(name) or Path(name).exists())
    if foreign and name != chosen:
        raise WrongEncoder(
            f"{index} says it was built with {name!r}, which is a server, or a folder that may run code. "
            "If you trust it, name it yourself: encoder in cascade.toml, CASCADE_ENCODER, or --encoder of cascade add."
        )
    return encoder(name)


_HUB = re.compile(r"\w[\w.-]*/\w[\w.-]*")
"""How a model of the hub is called."""


def scorer(name: str, threads: int = 0) -> Scorer:
    """The scorer of that name. Raises UnknownName."""
    if name == "toy":
        from cascade.models.toy import ToyScorer

        return ToyScorer()
    if _elsewhere(name) and _served(name) is None:
        from cascade.models.sentence import CrossScorer

        return CrossScorer(name, threads)
    raise _unknown("scorer", name, ["toy", "a CrossEncoder id (cross-encoder/ms-marco-MiniLM-L6-v2) or folder"])


def reader(name: str, window: int | None = None, threads: int = 0) -> Reader:
    """The reader of that name. `window`: its effective window in its own tokens; None for what it is taken to be.

    Raises UnknownName or BadConfig.
    """
    from cascade.models.extractive import Extractive
    from cascade.models.local import Local
    from cascade.models.toy import ToyReader

    own: dict[str, Callable[[], Reader]] = {
        "local": lambda: Local(threads, window=window), "extractive": lambda: Extractive(window),
        "toy": lambda: ToyReader(window),
    }
    if name in own:
        return own[name]()
    if (place := _served(name)) is not None:
        from cascade.models.openai import WINDOW, OpenAIReader

        return OpenAIReader(*place, window or WINDOW)
    raise _unknown("reader", name, [*own, *_SERVED])


_SERVED = ("openai:MODEL", "https://host/v1#MODEL")


def _served(name: str) -> tuple[Endpoint, str] | None:
    """Endpoint and model of a name that says so, else None."""
    if name.startswith(("http://", "https://")):
        base, _, model = name.partition("#")
        if not model:
            raise UnknownName(f"{base} names a server but no model. Write {base}#MODEL.")
    elif name.startswith("openai:") and len(name) > len("openai:"):
        base, model = os.environ.get("OPENAI_BASE_URL") or OPENAI, name.removeprefix("openai:")
    else:
        return None
    return Endpoint(base, key_from_environment()), model


def _elsewhere(name: str) -> bool:
    return "/" in name or "\\" in name or Path(name).is_dir()


def _unknown(kind: str, name: str, choices: list[str]) -> UnknownName:
    return UnknownName(f"There is no {kind} called {name!r}. Choose one of: {', '.join(choices)}.")
