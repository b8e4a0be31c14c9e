"""What a process that holds keys asks of the system, so that they stay in its memory: as far as the system lets it.

No core dumps, no other process of the same user that attaches, keys not swapped. None of it is certain everywhere, and
`docs/privacy.md` promises none of it. Knows the system; knows nothing of vaults.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

PR_SET_DUMPABLE = 4


def no_dumps() -> None:
    """Have the system write no image of this process, and let no other one of this user read its memory."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def pin(raw: bytearray) -> None:
    """Keep the page that these bytes lie on from being swapped out."""
    if sys.platform == "win32" or not raw:
        return
    with suppress(OSError, AttributeError):
        where = (ctypes.c_char * len(raw)).from_buffer(raw)
        ctypes.CDLL(None).mlock(ctypes.c_void_p(ctypes.addressof(where)), ctypes.c_size_t(len(raw)))
