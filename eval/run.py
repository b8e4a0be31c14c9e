"""The spine of `cascade eval run`: suite -> conditions -> questions -> rows.

A finished condition is a row in RESULTS/SUITE.jsonl; a finished question of one that is under way is a line in
RESULTS/.progress. A second run goes on from both where settings, corpus, seed and commit agree.
Knows the order of things; each kind of condition is somebody else's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cascade.config import Config
from cascade.errors import NotFound
from eval import journal
from eval.conditions import answers, latency, needles, personal, sets
from eval.corpora import Ground, Places
from eval.evenly import Told, silent
from eval.journal import Journal
from eval.rows import Circumstances, Finding
from eval.suite import Condition, Measured, Suite
from eval.work import Detail, Task, Work

KINDS: Mapping[Measured, Callable[[Task], Work]] = {
    Measured.SETS: sets.Sets,
    Measured.NEEDLES: needles.Needles,
    Measured.ANSWERS: answers.Answers,
    Measured.LATENCY: latency.Latency,
    Measured.PERSONAL: personal.Personal,
}

UNLIKE = ("set", "mean", "questions", "group", "language", "kind_of_query")
"""Settings in which the sets of a mean may differ."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a suite is run. `again`: also what is finished. `limit`: most questions of a condition, 0 for all."""

    out: Path
    places: Places
    only: Sequence[str] = ()
    limit: int = 0
    again: bool = False
    config: Config = field(default_factory=Config)
    step: Told = silent


def run(suite: Suite, plan: Plan) -> Iterator[tuple[Condition, Row, bool]]:
    """Measure each condition that is not finished; yields it with its row, and whether it was measured now."""
    circumstances = Circumstances("eval", suite.seed)
    grounds: dict[str, Ground] = {}
    with Journal(results(plan.out, suite)) as finished:
        for condition in suite.chosen(plan.only):
            ground = grounds.setdefault(condition.corpus.name, Ground(condition.corpus, plan.places))
            task = Task(condition, ground, suite.seed, plan.limit, plan.config)
            stamp = identity(task, circumstances.commit)
            row = None if plan.again else _finished(finished.path, condition.name, stamp)
            measured = row is None
            if row is None:
                found = _mean(task, finished.path) if condition.settings.get("mean") else _measure(task, plan, stamp)
                row = _row(suite, task, circumstances, found, stamp)
                finished.add(row)
                _aside(plan.out, stamp).unlink(missing_ok=True)
            yield condition, row, measured


def results(out: Path, suite: Suite) -> Path:
    """The file a suite's rows are in."""
    return out / f"{suite.name}.jsonl"


def identity(task: Task, commit: str) -> str:
    """What a row must agree in to stand for a condition: settings, corpus, seed, limit and commit, as one hash."""
    config = {name: value for name, value in asdict(task.config).items() if name != "threads"}
    said = {
        "name": task.condition.name, "settings": task.settings, "corpus": task.ground.hash, "seed": task.seed,
        "limit": task.limit, "commit": commit, "config": config,
    }  # fmt: skip
    return hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=12).hexdigest()


def _measure(task: Task, plan: Plan, stamp: str) -> Finding:
    """Ask every question that was not asked before this run was killed, and sum up."""
    name = task.condition.name
    plan.step(name, 0, 0)
    with KINDS[task.condition.kind](task) as work, Journal(_aside(plan.out, stamp)) as asked:
        done: dict[str, Detail] = {}
        if plan.again:
            asked.clear()
        else:
            done = {str(detail["_id"]): detail for detail in journal.rows(asked.path)}
        for at, question in enumerate(work.ids):
            if question not in done:
                done[question] = work.one(at)
                asked.add(done[question])
            plan.step(name, at + 1, len(work.ids))
        details = [json.loads(journal.line(done[question])) for question in work.ids]
        return Finding(work.settings, work.summary(details), details)


def _mean(task: Task, file: Path) -> Finding:
    """The mean of sets measured before under the same settings. Raises NotFound where one was not."""
    wanted = [name.strip() for name in task.settings["mean"].split(",")]
    same = {key: value for key, value in task.settings.items() if key not in UNLIKE}
    newest: dict[str, Row] = {}
    for row in journal.rows(file):
        said = row["asked"]
        alike = row["corpus"]["hash"] == task.ground.hash and not said.get("mean")
        if alike and said.get("set") in wanted and all(said.get(key) == value for key, value in same.items()):
            newest[said["set"]] = row
    missing = [name for name in wanted if name not in newest]
    if missing:
        raise NotFound(
            f"{task.condition.name} is a mean, and {', '.join(missing)} was not measured. Run that before it."
        )
    groups = [newest[name]["queries"] for name in wanted]
    queries = [
        {"_id": f"{name}/{one['_id']}", "set": name, **{key: one[key] for key in ("relevant", "kept", "systems")}}
        for name, group in zip(wanted, groups, strict=True)
        for one in group
    ]
    settings = {**task.settings, "questions": len(queries)}
    return Finding(settings, sets.mean(groups, task.seed), queries)


def _row(suite: Suite, task: Task, circumstances: Circumstances, found: Finding, stamp: str) -> Row:
    condition = task.condition
    row = {
        "suite": suite.name, "condition": condition.name, "kind": condition.kind.value, "identity": stamp,
        "corpus": {"name": condition.corpus.name, "hash": task.ground.hash}, "asked": task.settings,
        **circumstances.row(found),
    }  # fmt: skip
    plain: Row = json.loads(journal.line(row))
    return plain


def _finished(file: Path, name: str, stamp: str) -> Row | None:
    found = None
    for row in journal.rows(file):
        if row.get("condition") == name and row.get("identity") == stamp:
            found = row
    return found


def _aside(out: Path, stamp: str) -> Path:
    """Where the finished questions of a condition are kept while it is under way."""
    return out / ".progress" / f"{stamp}.jsonl"
