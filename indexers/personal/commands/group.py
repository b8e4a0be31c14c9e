"""`cascade me`: the group; its commands are declared in `cascade.me`, and loaded when they are asked for."""

from __future__ import annotations

import click

from cascade.cli import Commands

ORDER = (
    "init", "sources", "preview", "allow", "ingest", "grants", "receipt", "unlock", "lock", "seen", "export",
    "revoke", "erase", "expire", "audit", "doctor", "passphrase", "backup", "restore", "export-keys", "import-keys",
    "demo",
)  # fmt: skip
"""Help lists the commands in the order in which most people come to need them."""


@click.group(cls=Commands, points="cascade.me", order=ORDER)
def me() -> None:
    """Your own mail, photos, chats, history: read only by consent, kept encrypted, erased for real.

    \b
      cascade me init                        make an encrypted vault
      cascade me sources                     what could be read; nothing is
      cascade me preview mail ~/mail.mbox    what is in it; keeps nothing
      cascade me allow mail ~/mail.mbox      permit it, after reading what that means
      cascade me ingest                      read what was permitted
      cascade ask --me "..."                 ask it
      cascade me revoke mail                 end it, and erase what was kept

    docs/personal.md is the guide; docs/privacy.md says what this protects from, and what not.
    """
