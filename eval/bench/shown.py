"""The findings of each benchmark as a table. Knows what the summaries hold; computes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eval.bench.quality import MEASURES
from eval.intervals import Interval
from eval.rows import Finding
from eval.tables import between, table, times

MEGA = 1e6


def corpus(found: Sequence[Finding]) -> str:
    """Each figure on a line."""
    (one,) = found
    said: dict[str, Any] = dict(one.summary)
    lines: list[tuple[str, str]] = [
        ("encoder", str(one.settings["encoder"])),
        ("records", f"{said['records']:,} ({said['failed']:,} failed)"),
        ("passages", f"{said['passages']:,}"),
        ("ingest", f"{said['seconds']:,.1f} s, {said['passages_per_second']:,.0f} passages/s"),
        ("of that encoding", f"{said['encoding_seconds']:,.1f} s"),
        ("disk", f"{said['bytes'] / MEGA:,.1f} MB, {said['bytes_per_document']:,.0f} B a document, "
                 f"{said['bytes_per_passage']:,.0f} B a passage"),
    ]  # fmt: skip
    if "of_alone" in said:
        alone = f"{said['alone_per_second']:,.0f} passages/s; ingest runs at {said['of_alone']:.1%} of it"
        lines.append(("encoder alone", alone))
    if said["rss_anon_peak"] is not None:
        lines.append(
            ("anonymous memory", f"{said['rss_anon_peak'] / MEGA:,.0f} MB at its peak (before: "
                                 f"{said['rss_anon_before'] / MEGA:,.0f}); VmHWM {said['vm_hwm'] / MEGA:,.0f} MB")
        )  # fmt: skip
    if "open_ms" in said:
        runs = said["open_ms"].runs
        lines.append(("open", f"{said['open_ms'].median:,.1f} ms; every part {said['ready_ms'].median:,.1f} ms "
                              f"(medians of {runs})"))  # fmt: skip
    return _listed(lines)


def latency(found: Sequence[Finding]) -> str:
    """A line a setting, peer and cold run: median / p95 in ms, and what survives of the exact top 117."""
    stages = {name: name for name in ("encode", "retrieve", "scan")}
    stages |= {"retrieve_and_scan": "up to scan", "feedback": "feedback", "all_read": "up to feedback"}
    stages |= {"select": "select"}
    headings = ["median / p95 in ms", *stages.values(), "total", "candidates", "survival", "least"]
    rows = []
    for one in found:
        said: dict[str, Any] = dict(one.summary)
        took = [times(said[name]) if name in said else "-" for name in stages]
        kept = [f"{said[name]:.4f}" if name in said else "-" for name in ("survival_mean", "survival_least")]
        rows.append([_named(one), *took, times(said["total"]), said.get("candidates"), *kept])
    lines = [table(headings, rows)]
    for one in found:
        if "ratio" in one.summary:
            lines.append(f"{_named(one)}: our whole path takes {one.summary['ratio']:.1f} times its search alone")
        elif one.summary.get("late"):
            lines.append(f"{_named(one)}: words came too late {one.summary['late']} times")
    return "\n".join(lines)


def quality(found: Sequence[Finding]) -> str:
    """A block a set: a line a ranking, with intervals and the paired difference to RRF in all@117 and nDCG@10."""
    blocks = []
    for one in found:
        said: dict[str, Any] = dict(one.summary)
        kept = said.pop("kept")
        headings = [f"{one.settings['set']} ({one.settings['questions']})", *MEASURES, "all@117 - rrf", "ndcg@10 - rrf"]
        rows = []
        for name, values in said.items():
            means = [between(values[m]["mean"]) for m in ("all@117", "ndcg@10")]
            means += [f"{values[m]['mean'].value:.3f}" for m in list(MEASURES)[2:]]
            gains = ["" if name == "rrf" else _gain(values[m]["difference"]) for m in ("all@117", "ndcg@10")]
            rows.append([name, *means, *gains])
        blocks.append(f"{table(headings, rows)}\nkept among the candidates: {between(kept)}")
    return "\n\n".join(blocks)


def scan(found: Sequence[Finding]) -> str:
    """One line of figures."""
    (one,) = found
    said: dict[str, Any] = dict(one.summary)
    return (
        f"scan of {said['candidates']:,.0f} candidates: {times(said['scan'])} ms "
        f"(median / p95 of {said['scan'].runs})\n"
        f"per million tokens: {times(said['ms_per_million_tokens'])} ms\n"
        f"touches {said['tokens']:,.0f} tokens, {said['bytes'] / MEGA:,.1f} MB"
    )


def ageing(found: Sequence[Finding]) -> str:
    """Each figure on a line."""
    (one,) = found
    said: dict[str, Any] = dict(one.summary)
    part = said["first"].runs
    lines = [
        ("additions", f"{one.settings['adds']:,} of {one.settings['records']:,} passages in {said['seconds']:,.0f} s"),
        (f"first {part}", f"{times(said['first'])} ms (median / p95)"),
        (f"last {part}", f"{times(said['last'])} ms; the slowest of all {said['slowest_ms']:,.0f} ms"),
        ("passages written", f"{said['passages_written']:.1f} times each"),
        ("bytes written", f"{said['bytes_written'] / MEGA:,.0f} MB, {said['written_per_byte']:.1f} times the "
                          f"{said['bytes'] / MEGA:,.1f} MB there are"),
        ("segments", f"{said['segments']} at the end, {said['segments_most']} at most, "
                     f"{said['segments_mean']:.1f} on average"),
    ]  # fmt: skip
    return _listed(lines)


def load(found: Sequence[Finding]) -> str:
    """A line for each number of clients."""
    head = ["clients", "answers/s", "p50 ms", "p95 ms", "p99 ms", "refused", "in ms", "failed", "then ms", "memory MB"]
    rows = []
    for one in found:
        said: dict[str, Any] = dict(one.summary)
        figures = [f"{said[name]:,.1f}" for name in ("per_second", "p50", "p95", "p99")]
        refused = times(said["refused_ms"]) if said["refused_ms"] else "-"
        memory = f"{said['memory_first']:,.0f} to {said['memory_last']:,.0f}"
        end = [said["refused"], refused, said["failed"], f"{said['after_ms']:,.1f}", memory]
        rows.append([one.settings["clients"], *figures, *end])
    return f"{table(head, rows)}\n\nready {found[0].summary['started']:.2f} s after it was started"


def overhead(found: Sequence[Finding]) -> str:
    """Each figure on a line."""
    (one,) = found
    said: dict[str, Any] = dict(one.summary)
    lines = [
        ("searches", f"{one.settings['questions']} questions, {one.settings['runs']} times each way"),
        ("library", f"{times(said['library'])} ms (median / p95)"),
        ("over HTTP", f"{times(said['http'])} ms"),
        ("difference", f"{times(said['paired'])} ms, in pairs"),
        ("added by the API", f"{times(said['beside'])} ms, beside what the stages took either way"),
        ("same passages", "yes" if said["same"] else "NO"),
    ]
    return _listed(lines)


def checks(found: Sequence[Finding]) -> str:
    """Each figure on a line."""
    (one,) = found
    said: dict[str, Any] = dict(one.summary)
    lines = [
        ("questions", f"{one.settings['questions']}, {one.settings['runs']} times each way"),
        ("first question", f"{said['first_with']:,.1f} ms, without checks {said['first_without']:,.1f} ms"),
        ("later", f"{times(said['with'])} ms, without checks {times(said['without'])} ms (median / p95)"),
        ("ratio", f"{said['ratio'].median:.3f} (median of pairs)"),
    ]
    return _listed(lines)


def encoding(found: Sequence[Finding]) -> str:
    """A line a number of questions."""
    (one,) = found
    said: dict[str, Any] = dict(one.summary)
    lines = [
        (f"{size} at once", f"{times(ways['together'])} ms each, one by one {times(ways['alone'])} ms (median / p95)")
        for size, ways in said.items()
    ]
    return _listed(lines)


def prompt(found: Sequence[Finding]) -> str:
    """Each figure on a line."""
    (one,) = found
    said: dict[str, Any] = dict(one.summary)
    lines = [
        ("prompt", f"{said['tokens']:,} tokens, {said['bytes'] / MEGA:,.1f} MB; reader {one.settings['reader']}"),
        ("first turn", f"{said['first_seconds']:,.1f} s, {said['first_cpu_seconds']:,.1f} s of processor time"),
        ("next turns", f"{times(said['next'])} ms (median / p95)"),
        ("needles found", f"{said['found']} of {said['needles']}"),
    ]
    if said["rss_anon_peak"] is not None:
        lines.append(
            ("server's memory", f"{said['rss_anon_peak'] / MEGA:,.0f} MB anonymous at its peak (before: "
                                f"{said['rss_anon_before'] / MEGA:,.0f}); VmHWM {said['vm_hwm'] / MEGA:,.0f} MB")
        )  # fmt: skip
    return _listed(lines)


def vault(found: Sequence[Finding]) -> str:
    """Each figure on a line."""
    (one,) = found
    said: dict[str, Any] = dict(one.summary)
    lines = [
        ("passages", f"{said['passages']:,}, embedded by {one.settings['encoder']}"),
        ("sealing", f"{said['sealing_seconds']:,.1f} s, {said['bytes_per_passage']:,.0f} B a passage on disk"),
        ("passphrase", f"{said['passphrase_seconds']:,.2f} s"),
        ("unsealing", f"{said['unsealing_seconds']:,.2f} s, and {said['engine_seconds']:,.2f} s to be ready"),
        ("memory", f"{said['memory_per_passage']:,.0f} B a passage; half of this machine's holds "
                   f"{said['passages_in_half_of_memory']:,} passages"),
        ("a question", f"{times(said['question_ms'])} ms (median / p95 of {said['question_ms'].runs})"),
    ]  # fmt: skip
    return _listed(lines)


def _listed(lines: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{name:<18}{text}" for name, text in lines)


def _named(one: Finding) -> str:
    alone = {"peer", "cold"}
    return ", ".join(str(value) if name in alone else f"{name} {value}" for name, value in one.settings.items())


def _gain(found: Interval) -> str:
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"
