"""Large exports made, read and removed again, for their speed and peak memory. Run by hand:

    python tests/connectors/big.py mbox --bytes 2e9

Prints one line of JSON. Reading runs in a process of its own, so its peak memory is that of reading alone.
`EXPORTS` names what can be made: a function that writes a file of about so many bytes below a folder, and the connector
that reads it.
"""

from __future__ import annotations

import argparse
import base64
import importlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORDS = [
    "the", "meeting", "about", "heating", "moved", "to", "Thursday", "because", "Anna", "is", "ill", "and", "nobody",
    "else", "has", "the", "key", "of", "the", "old", "mill", "please", "bring", "plans", "call", "me", "when", "train",
    "late", "tickets", "invoice", "boiler", "garden", "summer", "school", "dentist",
]  # fmt: skip


def prose(dice: random.Random, lines: int) -> str:
    """Lines of words, as mails have them."""
    return "\r\n".join(" ".join(dice.choices(WORDS, k=12)) for _ in range(lines))


def a_mail(dice: random.Random, number: int) -> bytes:
    """One mail: most plain, some HTML beside plain text, a few with an attachment of some hundred kilobytes."""
    head = (
        f"From {number}@xxx Mon Jan 15 10:00:00 +0000 2024\r\n"
        f"X-GM-THRID: {number // 4}\r\nX-Gmail-Labels: Inbox,Important\r\nMessage-ID: <{number}@big.example>\r\n"
        f"From: Anna Berg <anna{number % 97}@big.example>\r\nTo: me@big.example\r\n"
        f"Date: Mon, 15 Jan 2024 10:{number % 60:02}:00 +0100\r\nSubject: {' '.join(dice.choices(WORDS, k=4))}\r\n"
    )
    text = prose(dice, dice.randint(5, 60))
    quoted = "On Mon, 15 Jan 2024 at 09:00, Bob <bob@big.example> wrote:\r\n> " + prose(dice, 5).replace(
        "\r\n", "\r\n> "
    )
    kind = dice.random()
    if kind < 0.6:
        return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n\r\n{quoted}\r\n\r\n".encode()
    page = f"<html><body><p>{text}</p><div class=gmail_quote>{quoted}</div></body></html>"
    both = (
        "Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\n"
        f"{text[:100] if kind < 0.8 else text}\r\n--in\r\nContent-Type: text/html\r\n\r\n{page}\r\n--in--\r\n"
    )
    if kind < 0.98:
        return f"{head}{both}\r\n".encode()
    data = base64.encodebytes(dice.randbytes(dice.randint(200_000, 4_000_000))).replace(b"\n", b"\r\n")
    return (
        f"{head}Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n{both}--out\r\n"
        "Content-Type: image/jpeg\r\nContent-Disposition: attachment; filename=holiday.jpg\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + data + b"--out--\r\n\r\n"  # fmt: skip


def make_mbox(folder: Path, size: int) -> None:
    """An mbox of mails, and in its midst one of 60 MB."""
    dice = random.Random(1)
    huge = base64.encodebytes(bytes(44_000_000))
    with (folder / "All mail.mbox").open("wb") as out:
        number = 0
        while out.tell() < size:
            out.write(a_mail(dice, number))
            number += 1
            if huge and out.tell() > size // 2:
                out.write(
                    b"From x@y Mon Jan 15 10:00:00 2024\nMessage-ID: <huge@big.example>\nContent-Transfer-Encoding"
                )
                out.write(b": base64\nContent-Type: application/octet-stream; name=a.bin\n\n" + huge + b"\n")
                huge = b""


EXPORTS: dict[str, tuple[Callable[[Path, int], None], str]] = {
    "mbox": (make_mbox, "indexers.sources.connectors.mail"),
}


def read(name: str, folder: Path) -> None:
    """Read what was made and print what it took."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "connectors")]
    from open_reader import OpenReader

    from indexers.sources.connectors.base import Item

    module = importlib.import_module(EXPORTS[name][1])
    began = time.perf_counter()
    counts = {"items": 0, "skipped": 0, "faults": 0}
    for thing in module.read(OpenReader(folder)):
        counts["items" if isinstance(thing, Item) else "skipped"] += 1
        counts["faults"] += not isinstance(thing, Item) and thing.fault
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1 << 10)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(json.dumps({"export": name, "bytes": size, **counts, "seconds": round(took, 1),
                      "items_per_minute": round(counts["items"] / took * 60), "peak_mib": round(peak)}))  # fmt: skip


def main() -> None:
    """Make an export, read it in another process, remove it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export", choices=sorted(EXPORTS))
    parser.add_argument("--bytes", type=float, default=2e9)
    parser.add_argument("--in", dest="folder", help="a folder with room for it; it is removed again")
    parser.add_argument("--read", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read:
        read(asked.export, Path(asked.read))
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        EXPORTS[asked.export][0](Path(folder), int(asked.bytes))
        subprocess.run([sys.executable, __file__, asked.export, "--read", folder], check=True)


if __name__ == "__main__":
    main()
