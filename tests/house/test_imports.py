"""Importing our code does nothing: no heavy library, no file, no thread, no output."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import api
import cascade
import indexers

ALLOWED = {"cascade.__main__", "api.wire", "api.mcp.local", "api.mcp.server"}
"""A program, a class of uvicorn's that only a running server needs, and what stands on the SDK of MCP, an extra."""

ADAPTERS = "api.adapters."
"""What belongs to libraries of others, each of which is an extra, and is imported by those who have it."""

LIGHT = (
    "torch",
    "transformers",
    "sentence_transformers",
    "faiss",
    "duckdb",
    "tantivy",
    "httpx",
    "uvicorn",
    "pyarrow",
    "tokenizers",
    "lxml",
    "pypdfium2",
    "openpyxl",
    "tree_sitter",
    "watchfiles",
    "PIL",
    "onnxruntime",
    "cryptography",
    "ijson",
    "icalendar",
    "vobject",
    "phonenumbers",
    "keyring",
)


def modules():
    for package in (cascade, indexers, api):
        yield package.__name__
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith(ADAPTERS):
                yield found.name


def run(script):
    return subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False)


def test_importing_every_module_loads_no_heavy_library_and_says_nothing():
    names = [name for name in modules() if name not in ALLOWED]
    imports = "\n".join(f"import {name}" for name in names)
    check = f"import sys, threading\n{imports}\nloaded = [m for m in {LIGHT!r} if m in sys.modules]\n"
    done = run(check + "assert loaded == [], loaded\nassert threading.active_count() == 1\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(names) > 80


@pytest.mark.parametrize("name", ["cascade", "cascade.cli", "cascade.commands.ask", "indexers.cli", "api.cli"])
def test_a_door_loads_no_numpy_until_it_is_used(name):
    assert run(f"import sys, {name}\nassert 'numpy' not in sys.modules\n").returncode == 0


@pytest.mark.parametrize("path", sorted(Path(api.__path__[0]).glob("adapters/*.py")), ids=lambda path: path.stem)
def test_every_adapter_says_what_it_holds(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))) or path.name == "__init__.py"


@pytest.mark.parametrize("name", sorted(modules()))
def test_every_module_says_what_it_holds(name):
    if name.endswith("__main__"):
        pytest.skip("runs when it is imported by name only as a program")
    found = importlib.import_module(name)
    assert found.__doc__ or (found.__file__ or "").endswith("__init__.py")
