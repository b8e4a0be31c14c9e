"""How many threads the numeric libraries may use. Two pools on the same cores are several times slower than one."""

from __future__ import annotations

import os
from functools import cache


def cores() -> int:
    """Cores this process may run on, which a container or taskset can make fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def one_for_numpy() -> None:
    """Give NumPy's own BLAS one thread in this process, for good.

    A query is a few small products: threads gain nothing, and on busy cores their waiting made one query 30 times
    slower (432 ms against 13). It is set once because setting and restoring it around each query is a race between threads.
    Other libraries' BLAS (FAISS, torch) is left alone.
    """
    import numpy as np
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    home = os.path.dirname(os.path.dirname(np.__file__))  # noqa: PTH120 (compared with paths as the loader spells them)
    for library in ThreadpoolController().lib_controllers:
        if library.user_api == "blas" and library.filepath.startswith(os.path.join(home, "numpy")):  # noqa: PTH118
            library.set_num_threads(1)
