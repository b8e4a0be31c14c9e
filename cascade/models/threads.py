"""How many threads the numeric libraries may use. Two pools on the same cores are several times slower than one."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


def cores() -> int:
    """Cores this process may run on, which a container or taskset can make fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def one_for_numpy() -> None:
    """Give NumPy's own BLAS one thread in this process, for good.

    A query is a few small products: threads gain nothing, and on busy cores their waiting made one query 30 times
    slower (432 ms against 13). It is set once because setting and restoring it around each query is a race between
    threads.
    The BLAS of other libraries (FAISS, torch) is left alone.
    """
    import numpy as np
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    home = str(Path(np.__file__).parent.parent / "numpy")
    for library in ThreadpoolController().lib_controllers:
        if library.user_api == "blas" and library.filepath.startswith(home):
            library.set_num_threads(1)


def for_torch(threads: int) -> None:
    """Give torch `threads` threads, or every core for 0. Imports torch; call it before anything else does.

    Idle threads of OpenMP spin by default, and on cores that others use too they take the time of those that work:
    one token of the reader `local` took 1,510 ms so, and 66 ms with threads that wait asleep. The policy is read
    when the library is loaded, so it is set in the environment; a user's own setting stands.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch

    torch.set_num_threads(threads or cores())
