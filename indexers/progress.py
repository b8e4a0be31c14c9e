"""How long work is shown: a bar on a terminal, JSON lines on stderr otherwise; with --json, commits on stdout.

Knows reports and counts; knows nothing of how they come about.
"""

from __future__ import annotations

import json
import sys
import time
from types import TracebackType
from typing import Any

from indexers.ingest import Report


class Bar:
    """Something that may be drawn, and is taken away at the end."""

    def __init__(self, quiet: bool, unit: str = " passages") -> None:
        self._drawn = sys.stderr.isatty() and not quiet
        self._unit = unit
        self._bar: Any = None
        self._what = ""

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def show(self, what: str, done: int, total: int | None = None) -> None:
        """Draw progress of `what`; with a total there is a time left."""
        if not self._drawn:
            return
        if self._bar is None or what != self._what:
            from tqdm import tqdm

            self.close()
            self._what = what
            self._bar = tqdm(total=total, desc=what, unit=self._unit, unit_scale=True, dynamic_ncols=True, leave=False)
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def note(self, text: str) -> None:
        """Put a remark after the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(text)

    def close(self) -> None:
        """Take it away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class Organising(Bar):
    """Progress of compaction."""

    def __call__(self, what: str, done: int, total: int) -> None:
        self.show(what, done, total)


class Adding(Bar):
    """Progress of ingest. Without a terminal, a line of JSON at most every two seconds."""

    def __init__(self, as_json: bool) -> None:
        super().__init__(quiet=as_json)
        self._as_json, self._said = as_json, time.monotonic()

    def heard(self, report: Report, committed: bool) -> None:
        """A batch was taken in, and perhaps committed."""
        self.show("adding", report.passages)
        self.note(f"{report.unchanged:,} known, {report.failed:,} left out")
        if self._as_json:
            if committed:
                print(self._line("committed", report), flush=True)  # noqa: T201
        elif not self._drawn and time.monotonic() - self._said > 2:
            self._said = time.monotonic()
            print(self._line("progress", report), file=sys.stderr, flush=True)  # noqa: T201

    def told(self, what: str, done: int, total: int) -> None:
        """Compaction went on."""
        self.show(what, done, total)
        if not self._drawn and not self._as_json:
            print(json.dumps({"event": what, "done": done, "of": total}), file=sys.stderr, flush=True)  # noqa: T201

    def _line(self, event: str, report: Report) -> str:
        rate = round(report.passages / max(report.seconds, 1e-9))
        return json.dumps(
            {"event": event, "records": report.records, "passages": report.passages,
             "unchanged": report.unchanged, "failed": report.failed, "commits": report.commits,
             "seconds": round(report.seconds, 2), "rate": rate}
        )  # fmt: skip
