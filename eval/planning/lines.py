"""The model: one formula a figure, over what is wanted, what was chosen, prices and measured constants.

Given by what is wanted: `passages`, `words` (in a passage), `dim`, `candidates`, `rate` (questions a second).
Chosen: `coded` (1: 1-bit codes in lists; 0: every vector compared), `lists`, `grouped` (1: lists are found by groups),
`share` (of the passages whose codes are compared), `segments` (in all), `shards`, `replicas`; and of each machine
`cores`, `memory`, `speed`. All others are constants (`eval.planning.constants`) or prices.
A name that ends in `_all` is of the whole index; sizes, memory and time without such an ending are of one machine.

Knows formulas; knows nothing of where values come from or what is chosen.
"""

from __future__ import annotations

from eval.planning.sheet import Line

GIVEN = (
    *(
        "passages",
        "words",
        "dim",
        "candidates",
        "rate",
        "coded",
        "grouped",
        "lists",
        "share",
        "segments",
        "shards",
        "replicas",
    ),
    *("cores", "memory", "speed", "core_price", "memory_price", "disk_price", "hop_ms", "encode_us"),
)
"""What must be given besides constants."""

DISK = (
    Line("vectors_all", "B", "passages * dim", "int8 vectors, for exact scores"),
    Line("code_bytes", "B", "ceil(dim / 64) * 8 + 2", "a code and its gain, a passage"),
    Line(
        "codes_all", "B", "coded * (passages * code_bytes + segments * lists * 4)",
        "1-bit codes and where lists begin",
    ),
    Line("tokens_all", "B", "passages * (2 * words * tokens_per_word + 5)", "token ids, for the scan"),
    Line("text_all", "B", "passages * (words * text_bytes + 4)", "compressed text"),
    Line("words_all", "B", "passages * words * words_bytes", "inverted index of words"),
    Line("passages_all", "B", "passages * passages_bytes", "catalog of passages and records"),
    Line("centroids_all", "B", "lists * dim * 4", "centroids of the lists (on each machine)"),
    Line(
        "disk_all", "B", "vectors_all + codes_all + tokens_all + text_all + words_all + passages_all + centroids_all",
        "the whole index, one replica",
    ),
    Line("disk", "B", "(disk_all - centroids_all) / shards + centroids_all", "of it on one machine"),
)  # fmt: skip
"""As docs/format.md has the files; what is compressed, or made by a library, is measured."""

MEMORY = (
    Line(
        "resident", "B",
        "process_bytes + passages / shards * row_bytes + segments / shards * (segment_bytes + lists * 8)"
        " + (2 - grouped) * centroids_all",
        "memory that is the process's own, with centroids (twice without groups) and where lists begin",
    ),
    Line(
        "touched", "B", "(codes_all + words_all + (1 - coded) * vectors_all) / shards",
        "files of which every question reads much: to be cached whole",
    ),
    Line(
        "scattered", "B", "(coded * vectors_all + tokens_all) / shards",
        "files of which it reads candidates here and there",
    ),
    Line("ram", "B", "resident + touched", "memory that is needed for steady times, at least"),
    Line("ram_all_warm", "B", "resident + touched + scattered", "memory with which no question waits for the disk"),
    Line(
        "spare", "B", "max(0, memory - 500000000 - resident)",
        "memory left for cached files, less 0.5 GB of the system's",
    ),
    Line("cached", "", "min(1, spare / touched)", "share of the first kind that is cached"),
    Line(
        "cached_scattered", "", "min(1, max(0, spare - touched) / scattered)", "share of the second kind that is cached"
    ),
)  # fmt: skip

LATENCY = (
    Line("workers", "", "1 + (cores - 1) * second_core", "cores' worth of work that all cores do on one question"),
    Line("budget", "", "share * passages", "codes (or vectors) compared in all: `scanned` in the settings"),
    Line("scanned", "", "budget / shards", "of them on one machine"),
    Line("probes", "", "coded * min(lists, share * lists / list_skew)", "lists they lie in"),
    Line("asked_ms", "ms", "encode_ms / speed", "encode: the question to a vector"),
    Line(
        "looked", "", "coded * min(lists, (1 - grouped) * lists + grouped * (sqrt(lists) + 8 * probes))",
        "centroids compared with a question: all, or those of the nearest groups",
    ),
    Line(
        "coarse_ms", "ms",
        "(looked * dim * (grouped * grouped_ns + (1 - grouped) * coarse_ns) + (1 - grouped) * probes * probe_ns)"
        " / 1000000 / speed",
        "the nearest lists found",
    ),
    Line(
        "codes_ms", "ms",
        "(coded * (scanned * ceil(dim / 64) * code_ns / 1000000 + probes * segments / shards * list_us / 1000)"
        " + (1 - coded) * scanned * dim * exact_ns / 1000000) / workers / speed",
        "codes compared",
    ),
    Line(
        "keep_ms", "ms", "(nominate_fixed_ms + candidates / shards * keep_ns / 1000000) / speed",
        "candidates kept, and what nomination takes whatever its size",
    ),
    Line("nominate_ms", "ms", "coarse_ms + codes_ms + keep_ms", "the vectors' nominations"),
    Line(
        "depth", "", "min(12000, max(256, 24000 / segments))",
        "passages that a segment's words are asked for: twice its even share of 12,000",
    ),
    Line(
        "affordable", "", "min(1, 1000000 / (posting_share * passages))",
        "share of the words' postings that are read: the rarest words nominate, up to 1,000,000 postings",
    ),
    Line(
        "words_ms", "ms",
        "segments / shards / workers / speed * (lexical_ms + depth * hit_us / 1000"
        " + lexical_passage_ms * (affordable * passages / segments / 1000000) ** lexical_growth)",
        "the words' nominations, beside the vectors'",
    ),
    Line(
        "retrieve_ms", "ms",
        "max(nominate_ms, words_ms + codes_ms + (coarse_ms + keep_ms) / workers) + union_ms / speed",
        "retrieve: vectors and words at once",
    ),
    Line(
        "scan_ms", "ms",
        "(ready_ms + candidates / shards / 1000000 * (fuse_ns"
        " + (row_ns + words * tokens_per_word * token_ns + dim * dot_ns) / workers)) / speed",
        "scan: every candidate read",
    ),
    Line(
        "heard_ms", "ms",
        "(feedback_ms + segments / shards * words * link_words * link_us / 1000"
        " + candidates / shards * again_ns / 1000000"
        " + candidates / shards * words * tokens_per_word * hear_ns / 1000000 / workers) / speed",
        "feedback: what the best passages say and lead to",
    ),
    Line("select_ms", "ms", "pick_ms / speed", "select: the best 117"),
    Line(
        "hops_ms", "ms", "min(1, shards - 1) * 3 * hop_ms",
        "three exchanges between machines, where there are several",
    ),
    Line(
        "warm_ms", "ms", "asked_ms + retrieve_ms + scan_ms + heard_ms + select_ms + hops_ms",
        "all of it, files cached",
    ),
    Line(
        "hits", "", "(coded * min(candidates, probes * segments) + (1 - coded) * candidates) / shards",
        "places in a file where candidates lie, at most",
    ),
    Line(
        "pages", "",
        "coded * vectors_all / shards / 4096"
        " * (1 - exp(-candidates / shards / max(1, coded * vectors_all / shards / 4096)))"
        " + tokens_all / shards / 4096 * (1 - exp(-candidates / shards / max(1, tokens_all / shards / 4096)))",
        "pages of 4 KiB that hold the candidates' vectors and tokens; they alone are asked for ahead",
    ),
    Line(
        "code_windows", "",
        "codes_all / shards / 131072 * (1 - exp(-probes * segments / shards / max(1, codes_all / shards / 131072)))",
        "stretches of 128 KiB that hold the lists' codes",
    ),
    Line(
        "away_s", "s", "(code_windows * 131072 + (1 - coded) * vectors_all / shards) / read_rate",
        "reading what is compared, were none of it cached",
    ),
    Line(
        "wait_ms", "ms", "1000 * ((1 - cached_scattered) * pages * 4096 / read_rate + (1 - cached) * away_s)",
        "waiting for the disk, at this memory",
    ),
    Line("latency_ms", "ms", "warm_ms + wait_ms", "a question at this memory, median"),
    Line("latency_p95_ms", "ms", "latency_ms * p95_ratio", "and its 95th percentile"),
    Line("nominate_cold_ms", "ms", "nominate_ms + 1000 * away_s", "the vectors' nominations when nothing is cached"),
    Line(
        "retrieve_cold_ms", "ms",
        "retrieve_ms + 1000 * (away_s + 2 * affordable * posting_share * passages / shards / read_rate)",
        "retrieve when nothing is cached, two bytes a posting of the words",
    ),
    Line(
        "scan_cold_ms", "ms", "max(scan_ms, 1000 * pages * 4096 / read_rate)",
        "scan when nothing is cached: what comes next is read while it scans",
    ),
    Line(
        "select_cold_ms", "ms",
        "select_ms + 1000 / window_reads * ("
        "text_all / shards / 131072 * (1 - exp(-298 / max(1, text_all / shards / 131072)))"
        " + passages_all / shards / 131072 * (1 - exp(-298 / max(1, passages_all / shards / 131072))))",
        "select when nothing is cached: text and catalog of 298 passages, of which 117 are chosen",
    ),
    Line(
        "cold_ms", "ms", "asked_ms + retrieve_cold_ms + scan_cold_ms + heard_ms + select_cold_ms + hops_ms",
        "a question when nothing is cached",
    ),
    Line(
        "blocks", "",
        "scattered / 1048576 * (1 - exp(-2 * hits / max(2, scattered / 1048576)))"
        " + codes_all / shards / 1048576"
        " * (1 - exp(-probes * segments / shards / max(1, codes_all / shards / 1048576)))",
        "blocks of 1 MiB that hold what it reads; a process checks each when it first does",
    ),
    Line(
        "first_ms", "ms", "warm_ms + 1000 * (blocks * 1048576 + (1 - coded) * vectors_all / shards) / read_rate",
        "the first question of a fresh process, nothing cached",
    ),
)  # fmt: skip

WORK = (
    Line("cut_s", "s", "passages * words * cut_us / 1000000", "reading, cutting, token ids"),
    Line("encode_s", "s", "passages * words * encode_us / 1000000", "encoding passages"),
    Line("words_s", "s", "passages * words * words_us / 1000000", "inverted index of words"),
    Line("store_s", "s", "passages * (words * text_us + catalog_us) / 1000000", "text and catalog"),
    Line("groups", "", "grouped * sqrt(lists)", "groups of lists, where there are many lists"),
    Line(
        "compared", "", "(1 - grouped) * lists + grouped * (groups + 16 * sqrt(lists))",
        "centroids compared with a passage: all, or those of the nearest 16 groups",
    ),
    Line(
        "assign_s", "s", "coded * passages * dim * (compared * assign_ns + pack_ns) / 1000000000",
        "lists and codes",
    ),
    Line(
        "train_s", "s",
        "coded * min(50 * lists, 1073741824 / dim) * dim * 10 * train_ns / 1000000000"
        " * ((1 - grouped) * lists + grouped * 2 * sqrt(lists))",
        "training lists on a sample, ten rounds; groups first and then lists within them, where there are groups",
    ),
    Line("work_s", "s", "cut_s + encode_s + words_s + store_s + assign_s", "all work but training, on one core"),
)  # fmt: skip

BUILDING = (
    *WORK,
    Line("write_s", "s", "disk_all / write_rate", "writing, if nothing else were done"),
    Line(
        "build_s", "s", "train_s / (cores * speed) + max(work_s / (cores * build_cores * speed), write_s) / shards",
        "building, all machines of one replica at work",
    ),
)  # fmt: skip

COST = (
    Line(
        "core_ms", "ms",
        "asked_ms / shards + coarse_ms + (codes_ms + words_ms) * workers + keep_ms + union_ms / speed"
        " + (scan_ms + heard_ms) * workers + select_ms",
        "work of one core for a question, on each machine",
    ),
    Line(
        "busy", "", "rate * core_ms / 1000 / cores / replicas",
        "share of its cores' time that a machine is at work",
    ),
    Line(
        "reading", "", "rate * wait_ms / 1000 / replicas", "share of the time that its disk is at work for questions"
    ),
    Line("machines", "", "shards * replicas", "machines"),
    Line(
        "machine_month", "$",
        "cores * core_price + memory / 1000000000 * memory_price + disk / 1000000000 * disk_price",
        "a month of one machine, with its disk",
    ),
    Line("month", "$", "machines * machine_month", "a month of all machines"),
    Line("million", "$", "month / (rate * 2629800) * 1000000", "a million questions, at the rate asked for"),
    Line(
        "million_busy", "$", "machine_month / (2629800 / (core_ms / 1000 / cores) * 0.6) * 1000000 * shards",
        "a million questions, were all machines kept 60% busy",
    ),
    Line("build_cost", "$", "build_s / 2629800 * shards * machine_month", "building once, on such machines"),
)  # fmt: skip
"""A month has 2,629,800 seconds: a twelfth of 365.25 days."""

ALL = (*DISK, *MEMORY, *LATENCY, *BUILDING, *COST)
