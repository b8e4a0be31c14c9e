"""The command line as a process: what it prints, what it loads, how it fails."""

import json
import os
import statistics
import subprocess
import sys

import pytest
from click.testing import CliRunner

from cascade import errors
from cascade.cli import root
from cascade.engine import Engine

HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "numpy",
    "faiss",
    "duckdb",
    "tantivy",
    "numba",
    "httpx",
    "fastapi",
    "uvicorn",
    "tokenizers",
    "tqdm",
    "pyarrow",
)


def cascade(*arguments, **how):
    command = [sys.executable, "-m", "cascade", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, **how)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("door")
    (folder / "notes").mkdir()
    for name, text in (("ferry", "The ferry to Anholt leaves at 14:15."), ("tower", "The tower is 46 metres high.")):
        (folder / "notes" / f"{name}.txt").write_text(text)
    made = cascade("add", folder / "index", folder / "notes", "--encoder", "toy", "--json")
    assert made.returncode == 0, made.stderr
    return folder / "index"


def test_help_answers_quickly():
    cascade("--help")
    took = []
    for _ in range(5):
        before = os.times()
        assert cascade("--help").returncode == 0
        after = os.times()
        took.append(after.children_user + after.children_system - before.children_user - before.children_system)
    # 0.15 s of processor time on a quiet machine; the slack is for a busy one. What matters is the next test.
    assert statistics.median(took) < 0.6


def test_help_loads_no_heavy_library():
    script = "import sys; from cascade.cli import root; root.main(['--help'], standalone_mode=False); "
    done = subprocess.run([sys.executable, "-c", script + f"print([m for m in {HEAVY!r} if m in sys.modules])"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_lists_every_command_that_is_declared():
    listed = CliRunner().invoke(root, ["--help"]).output
    for name in ("add", "search", "ask", "explain", "status", "verify", "delete", "compact", "export", "serve"):
        assert f"\n  {name} " in listed


def test_the_root_help_names_every_exit_code_of_the_tree():
    said = CliRunner().invoke(root, ["--help"]).output
    for branch in errors.CascadeError.__subclasses__():
        assert f"{branch.exit_code} " in " ".join(said.split("Exit codes:")[1].split())


@pytest.mark.parametrize(
    ("arguments", "code", "advice"),
    [
        (("search", "nowhere", "q"), 3, "cascade add"),
        (("serach", "index", "q"), 2, "cascade search"),
        (("search", "{index}", "q", "--filter", "time >"), 2, "not finished"),
        (("search", "{index}"), 2, "--queries"),
        (("ask", "{index}", "q", "--reader", "nobody"), 2, "extractive"),
        (("explain", "{index}", "q", "--passage", "x-1"), 3, "cascade search --json"),
        (("add", "{index}", "no-such-folder"), 3, "Check the path"),
        (("add", "{index}", ".", "--encoder", "static"), 4, "--encoder"),
        (("delete", "{index}"), 2, "--key"),
    ],
)
def test_a_mistake_gets_a_sentence_and_its_exit_code(index, arguments, code, advice):
    done = cascade(*(part.format(index=index) for part in arguments))
    assert done.returncode == code
    assert advice in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_with_json_an_error_is_an_object_on_stderr():
    done = cascade("search", "nowhere", "q", "--json")
    assert json.loads(done.stderr) == {
        "error": "nowhere holds no index. Make one: cascade add nowhere SOURCE", "kind": "NoIndex", "exit_code": 3,
    }  # fmt: skip


def test_the_command_line_and_the_library_rank_alike(index):
    done = cascade("search", index, "when does the ferry leave", "--json")
    found = Engine.open(index).search("when does the ferry leave")
    printed = [(each["id"], each["score"]) for each in json.loads(done.stdout)["passages"]]
    assert printed == [(each.passage.id, round(each.score, 6)) for each in found.ranked]
    assert len(printed) == 2


@pytest.mark.parametrize(
    ("shell", "sign"), [("bash", "complete -o"), ("zsh", "#compdef cascade"), ("fish", "complete ")]
)
def test_completion_prints_the_script_of_a_shell(shell, sign):
    printed = CliRunner().invoke(root, ["completion", shell])
    assert printed.exit_code == 0
    assert sign in printed.output
    assert "_CASCADE_COMPLETE" in printed.output


def test_a_shell_is_offered_commands_and_flags():
    def offered(words, count):
        how = {**os.environ, "_CASCADE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(count)}
        script = "from cascade.cli import root; root.main(prog_name='cascade')"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=how, check=False)
        return done.stdout.split()

    assert "plain,search" in offered("cascade se", 1)
    assert "plain,--no-text" in offered("cascade search --no", 2)


def test_output_that_nobody_reads_to_its_end_is_no_error(index):
    command = f"{sys.executable} -m cascade export {index} --json | head -c 10"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""
