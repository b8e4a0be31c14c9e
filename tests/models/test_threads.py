"""Thread counts are what was asked for, in each library."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from cascade.models import threads


def test_numpy_works_on_one_thread_once_a_model_has_said_so():
    threads.one_for_numpy()
    home = np.__file__.rsplit("numpy", 1)[0] + "numpy"
    pools = [p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas" and p["filepath"].startswith(home)]
    if not pools:
        pytest.skip("this NumPy's BLAS cannot be told (Accelerate)")
    assert set(pools) == {1}


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (0, threads.cores())])
def test_torch_gets_the_threads_asked_for_and_every_core_for_none(asked, given):
    threads.for_torch(asked)
    assert torch.get_num_threads() == given
