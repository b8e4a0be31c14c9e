"""What the documents say is run: the README's blocks, the stranger's reader, the generated command reference."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cascade.index.layout import Layout
from cascade.index.manifest import read
from cascade.index.snapshot import Snapshot
from cascade.models.toy import ToyEncoder
from indexers.ingest import IngestConfig, ingest
from indexers.records import Record
from indexers.remove import remove

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def blocks(document, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / document).read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_the_readme_works_pasted(tmp_path):
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment["PYTHONPATH"] = str(ROOT)
    if not (Path(sys.executable).parent / "cascade").exists():
        pytest.skip("the command cascade is not installed beside this Python")
    (shell,) = blocks("README.md", "bash")
    done = subprocess.run(
        ["bash", "-e", "-c", shell], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "stands 46 metres high. [1]" in done.stdout
    (python,) = blocks("README.md", "python")
    done = subprocess.run(
        [sys.executable, "-c", python], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "The ferry to Anholt leaves Grenaa every day at 14:15." in done.stdout


class Things:
    """Records by locator."""

    name = "things"

    def __init__(self, **texts):
        self.texts = texts

    def read(self):
        for locator, text in self.texts.items():
            yield Record(self.name, locator, text, title=locator.title())


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    root = tmp_path_factory.mktemp("format") / "index"
    long = "\n\n".join(
        f"Paragraph {i} is about the number {i * i} and what it means to its friends. " * 8 for i in range(90)
    )
    config = IngestConfig(passages=40, records=1)
    ingest(
        root,
        [Things(long=long, small="Überall ist es schön — 日本語 too.", gone="This will be deleted.")],
        ToyEncoder(),
        config,
    )
    remove(root, "locator = gone")
    return root


def test_a_stranger_reads_the_index_as_we_do(index):
    (source,) = blocks("docs/format.md", "python")
    assert len(source.strip().splitlines()) <= 15
    stranger = {}
    exec(compile(source, "docs/format.md", "exec"), stranger)
    theirs = list(stranger["passages"](index))
    snapshot = Snapshot(index)
    rows = np.concatenate(
        [np.flatnonzero(live) + base for live, base in zip(snapshot.live, snapshot.bases[:-1], strict=True)]
    )
    ours = snapshot.read(rows)
    assert len(ours) > 20
    assert [(i, t, s, e, where, title) for i, t, _, s, e, where, title in theirs] == [
        (p.id, p.text, p.start, p.end, p.locator, p.title) for p in ours
    ]
    assert (np.stack([vector for _, _, vector, *_ in theirs]) == snapshot.vectors(rows)).all()
    assert "gone" not in {where for *_, where, _ in theirs}
    snapshot.close()


def test_every_file_of_an_index_is_documented(index):
    text = (ROOT / "docs/format.md").read_text("utf-8")
    names = {
        re.sub(r"^\d+\.u32$", "C.u32", path.name)
        for path in index.rglob("*")
        if path.is_file() and path.parent.name != "words"
    }
    assert names - {name for name in names if name in text} == set()


def test_the_manifest_hashes_itself_as_documented(index):
    import json

    import xxhash

    fields = json.loads(Layout(index).manifest.read_bytes())
    stated = fields.pop("hash")
    body = json.dumps(fields, sort_keys=True, ensure_ascii=False).encode()
    assert xxhash.xxh3_128_hexdigest(body) == stated
    assert {name for name in fields if f"`{name}`" in (ROOT / "docs/format.md").read_text("utf-8")} == set(fields)
    assert read(Layout(index)).commit == fields["commit"]


def test_the_command_reference_is_what_the_commands_say():
    """In a process of its own, as `make docs` is: click keeps the help option that a command was first called with."""
    code = "import runpy, sys; sys.stdout.buffer.write(runpy.run_path('docs/generate.py')['page']().encode())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    made = done.stdout.decode("utf-8")
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == made, "run: make docs"


def test_the_page_of_connectors_is_what_the_connectors_say():
    made = runpy.run_path(str(ROOT / "docs" / "generate.py"))["connectors"]()
    assert (ROOT / "docs" / "connectors.md").read_text("utf-8") == made, "run: make docs"


def test_every_promise_names_a_test_that_there_is():
    text = (ROOT / "docs" / "durability.md").read_text("utf-8")
    promised = text.split("## Not promised")[0].split("\n- ")[1:]
    named = [re.findall(r"`(tests/\S+\.py)::(\w+)`", promise) for promise in promised]
    assert len(named) > 20 and all(named)
    for path, name in {pair for pairs in named for pair in pairs}:
        assert f"\ndef {name}(" in (ROOT / path).read_text("utf-8"), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text("utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_a_stranger_opens_a_vault_by_the_document_alone(tmp_path, index):
    from indexers.personal.home import unlocked
    from indexers.personal.sealing import Cost, Kdf
    from indexers.personal.vault import folder

    (source,) = blocks("docs/vault.md", "python")
    stranger = {}
    exec(compile(source, "docs/vault.md", "exec"), stranger)
    snapshot = Snapshot(index)
    batch = snapshot.segments[0].batch(np.arange(len(snapshot.segments[0]), dtype=np.int64), snapshot.catalog.batch(0))
    secret = "a pass phrase, with é".encode()
    vault = folder.create(tmp_path / "vault", secret, snapshot.built, Cost(Kdf.ARGON2ID, 64, 1, 1))
    with unlocked(vault.layout.root, secret) as home:
        home.unlocked.keys.new("mail-1")
        home.unlocked.add("mail-1", batch)
        home.unlocked.notes.put("mail-1", "seen.2026-11", b"what was shown" * 9_000)
        assert len(home.placeholders) == 32
        found = dict(stranger["opened"](vault.layout.root, secret))
        assert set(found) == {"mail-1", "ledger"}
        assert found["ledger"]["notes"]["placeholders"] == home.placeholders
        assert found["mail-1"]["notes"]["seen.2026-11"] == b"what was shown" * 9_000
        (one,) = found["mail-1"]["live"]["segments"]
        parts = found["mail-1"]["segments"][one["name"]]
        assert parts["vectors"] == batch.vectors.tobytes()
        assert one["passages"] == len(batch)
    (vault.layout.root / "keys" / "mail-1.key").unlink()
    assert set(dict(stranger["opened"](vault.layout.root, secret))) == {"ledger"}
    snapshot.close()


def test_a_stranger_tells_a_ledger_that_was_changed(tmp_path):
    from indexers.personal import chain

    (source,) = blocks("docs/vault.md", "python")
    stranger = {}
    exec(compile(source, "docs/vault.md", "exec"), stranger)
    ledger = tmp_path / "grants.log"
    for number in range(5):
        entry = {"what": "allowed", "id": f"café-{number}", "version": number}
        chain.append(ledger, entry, chain.read(ledger))
    assert stranger["whole"](ledger)
    lines = ledger.read_bytes().splitlines(keepends=True)
    ledger.write_bytes(b"".join([*lines[:2], *lines[3:]]))
    assert not stranger["whole"](ledger)


def test_every_command_of_the_guide_is_one_that_there_is():
    import shlex

    import click

    from cascade.cli import root

    lines = [line for block in blocks("docs/personal.md", "sh") for line in block.splitlines()]
    lines = [line for line in lines if line.startswith("cascade ")]
    assert len(lines) > 25
    for line in lines:
        command, words = root, shlex.split(line, comments=True)[1:]
        context = click.Context(command, info_name="cascade")
        while isinstance(command, click.Group):
            found = command.get_command(context, words[0])
            assert found is not None, line
            command, words = found, words[1:]
        options, _, _ = command.make_parser(click.Context(command)).parse_args(list(words))
        assert set(options) <= {parameter.name for parameter in command.params}, line


def test_the_guide_names_every_reason_for_which_things_are_left_out():
    from indexers.personal.grants.terms import Use
    from indexers.personal.receipts import Outcome
    from indexers.sources.connectors.base import Caution

    guide = (ROOT / "docs" / "personal.md").read_text("utf-8")
    for name in (*Caution, *Use, *Outcome):
        assert f"`{name}" in guide, name
