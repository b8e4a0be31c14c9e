"""Ray, behind the seam of `machines`: connects, places processes on nodes, waits for answers, divides work. Its home.

Ray's own report of use is turned off, as this program has none, and its dashboard is not started. Nor do its processes
step back behind all others of the machine (Ray has them at niceness 15): somebody waits for what they answer; nodes
that others started have settings of their own. Every node needs the same version of this package and of Python.
Knows Ray; knows nothing of segments, of commits or of questions.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from cascade.errors import CascadeError, Unreachable, UsageError
from indexers.cluster.machines import Gone, Node

T = TypeVar("T")
R = TypeVar("R")

NAMESPACE = "cascade"

HERE = "local"
"""The address that stands for a cluster of this machine alone, which ends with the program."""

LISTENS = 5.0
"""Seconds in which a cluster must let itself be connected to."""


class Host:
    """What runs in each of Ray's processes: an object, and calls of its methods."""

    def __init__(self, kind: Callable[..., object], given: Sequence[Any]) -> None:
        self._object = kind(*given)

    def call(self, method: str, given: Sequence[Any]) -> Any:
        """Call a method of the object."""
        return getattr(self._object, method)(*given)

    def sign(self) -> None:
        """That the process is alive."""


SIGNS = {"signs": 1}
"""Signs of life have a thread of their own in each process."""


class Actor:
    """Implements `machines.Process`. May be sent to other processes."""

    def __init__(self, handle: Any, node: str) -> None:
        self._handle, self._node = handle, node

    @property
    def node(self) -> str:
        """The node it runs on."""
        return self._node

    def call(self, method: str, *given: Any) -> Future[Any]:
        """Call a method of the object. The future raises what the method raises, or Gone."""
        return _asked(self._handle.call, method, given)

    def sign(self) -> Future[Any]:
        """A sign of life, given beside all calls."""
        return _asked(self._handle.sign.options(concurrency_group="signs"))

    def end(self) -> None:
        """End the process."""
        import ray

        ray.kill(self._handle, no_restart=True)


class Ray:
    """Implements `machines.Machines` over the cluster that this process is connected to."""

    def nodes(self) -> tuple[Node, ...]:
        """The nodes that are up, in a stable order."""
        import ray
        from ray.exceptions import RayError

        def one(said: dict[str, Any]) -> Node:
            has = said["Resources"]
            return Node(said["NodeID"], int(has.get("memory", 0)), has.get("CPU", 0.0), has.get("GPU", 0.0))

        try:
            return tuple(sorted((one(said) for said in ray.nodes() if said["Alive"]), key=lambda node: node.name))
        except RayError as error:
            raise Unreachable(f"The cluster does not say which nodes it has ({_sentence(error)}).") from error

    def start(self, kind: Callable[..., object], given: Sequence[Any], node: str, lanes: int) -> Actor:
        """Have an object made in a new process on a node."""
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        where = NodeAffinitySchedulingStrategy(node, soft=False)
        made = ray.remote(concurrency_groups=SIGNS)(Host).options(
            num_cpus=0, max_concurrency=lanes, max_restarts=0, scheduling_strategy=where
        )  # fmt: skip
        return Actor(made.remote(kind, tuple(given)), node)

    def named(self, name: str, kind: Callable[..., object], given: Sequence[Any], lanes: int) -> Actor:
        """The process of that name, on any node; made where there is none. It outlives who made it, and its node."""
        import ray

        made = ray.remote(concurrency_groups=SIGNS)(Host).options(
            name=name, namespace=NAMESPACE, get_if_exists=True, lifetime="detached", max_restarts=-1, num_cpus=0,
            max_concurrency=lanes,
        )  # fmt: skip
        return Actor(made.remote(kind, tuple(given)), "")

    def each(self, work: Callable[[T], R], over: Iterable[T], workers: int, gpus: float = 0.0) -> Iterator[R]:
        """Do work on each thing, by so many workers on any nodes, as Ray Data: what a node takes with it is done
        again."""
        import ray.data
        from ray.exceptions import RayError

        things = list(over)
        if not things:
            return
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        given = ray.put(things)
        numbers = ray.data.range(len(things), override_num_blocks=len(things))
        done = numbers.map(
            partial(_one, work, [given]), num_cpus=1, num_gpus=gpus or None, compute=_workers(workers)
        )  # fmt: skip
        try:
            for row in done.iter_rows():
                yield row["done"]
        except RayError as error:
            raise _cause(error) from error


def _one(work: Callable[[T], R], given: list[Any], row: dict[str, int]) -> dict[str, R]:
    """One thing of many: the things lie in Ray's store, of which each worker reads the one."""
    import ray

    return {"done": work(ray.get(given[0])[row["id"]])}


def _workers(most: int) -> Any:
    from ray.data import TaskPoolStrategy

    return TaskPoolStrategy(size=most)


def prepare() -> None:
    """Set what Ray's processes read from the environment when they start, where it is not set."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_worker_niceness", "0")


def connect(address: str = HERE) -> Ray:
    """Connect this process to a cluster: `auto` for that of this machine, `HOST:PORT`, `ray://HOST:PORT`, or `local`.

    Raises UsageError where Ray is not installed, Unreachable where no cluster answers there.
    """
    prepare()
    try:
        import ray
    except ModuleNotFoundError as error:
        said = "This takes the extra `cluster`, which is not installed: pip install 'cascade-retrieval[cluster]'."
        raise UsageError(said) from error
    if ray.is_initialized():
        return Ray()
    _listens(address)
    own = {"include_dashboard": False, "_node_ip_address": "127.0.0.1"} if address == HERE else {}
    try:
        ray.init(address, namespace=NAMESPACE, log_to_driver=False, logging_level="ERROR", **own)
    except (ConnectionError, TimeoutError, RuntimeError, ValueError) as error:
        raise _nobody(address, error) from error
    return Ray()


def _listens(address: str) -> None:
    """Raise Unreachable unless somebody listens at `HOST:PORT`: Ray itself goes on trying for longer than ten
    minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        try:
            socket.create_connection((host.strip("[]"), int(port)), LISTENS).close()
        except (OSError, OverflowError) as error:
            raise _nobody(address, error) from error


def _nobody(address: str, error: Exception) -> Unreachable:
    said = f"No cluster answers at {address} ({_sentence(error)})."
    return Unreachable(f"{said} Start one with `ray start --head`, or name another.")


def serve(build: Callable[[], Any], host: str, port: int, replicas: tuple[int, int], at_once: int) -> None:
    """Have copies of a web application answer over HTTP, as Ray Serve: more of them while there is more to do.

    `build` makes the application (ASGI) in each. `replicas`: the fewest and the most. `at_once`: requests that one
    takes; it is taken to be busy from half of that on. Returns when they answer; see `unserve`.
    """
    from ray import serve as rayserve

    def application() -> Any:
        return build()

    fewest, most = replicas
    scaling = {"min_replicas": fewest, "max_replicas": most, "target_ongoing_requests": max(1, at_once // 2)}
    made = rayserve.deployment(rayserve.ingress(application)()).options(
        name="cascade", max_ongoing_requests=at_once, ray_actor_options={"num_cpus": 0},
        **({"autoscaling_config": scaling} if most > fewest else {"num_replicas": fewest}),
    )  # fmt: skip
    rayserve.start(proxy_location="HeadOnly", http_options={"host": host, "port": port})
    rayserve.run(made.bind(), name="cascade", route_prefix="/")


def unserve() -> None:
    """End what `serve` began."""
    from ray import serve as rayserve

    rayserve.shutdown()


def leave() -> None:
    """Let the cluster go; one of this machine alone ends."""
    import ray

    ray.shutdown()


def _asked(method: Any, *given: Any) -> Future[Any]:
    """Call a method of one of Ray's processes: what it comes to, as the seam has it."""
    from ray.exceptions import RayError

    out: Future[Any] = Future()
    try:
        asked = method.remote(*given)
        asked.future().add_done_callback(partial(_pass_on, out, asked))
    except RayError as error:
        out.set_exception(Gone(_sentence(error)))
    return out


def _pass_on(out: Future[Any], asked: Any, answered: Future[Any]) -> None:
    """What a call came to, as the seam has it. `asked` is held until then, so that Ray keeps the answer."""
    error = answered.exception()
    if error is None:
        out.set_result(answered.result())
    else:
        out.set_exception(_cause(error))
    del asked


def _cause(error: BaseException) -> BaseException:
    """What a method raised; Gone for all that Ray says itself."""
    from ray.exceptions import RayTaskError

    if isinstance(error, RayTaskError):
        cause = error.cause
        return cause if isinstance(cause, Exception) else Gone(_sentence(error))
    return error if isinstance(error, CascadeError) else Gone(_sentence(error))


def _sentence(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
