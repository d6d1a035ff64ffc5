"""The measured servers: granian on loopback, as bin/run starts it, for the product and for the bare view."""

import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.load import HOST, Line, written
from benchmarks.world import run
from config.launch.processes import Process
from config.launch.running import processes

READY_WITHIN = 60  # seconds
HEALTH = written("GET", "/healthz", {})


@contextmanager
def product(*names: str, deaths: Sequence[tuple[float, str]] = ()) -> Iterator[int]:
    """Décroche on a free port; `names` of web, worker and beat, the web server alone without a name.

    `deaths`: after so many seconds this process is killed (-9); "web child" is one of those that answer requests. They
    are then watched as bin/run watches them.
    """
    with _up("config.wsgi:application", names or ("web",), deaths) as port:
        yield port


@contextmanager
def bare() -> Iterator[int]:
    """The same server with one view and nothing around it: benchmarks/bare.py."""
    with _up("benchmarks.bare:application", ("web",)) as port:
        yield port


@contextmanager
def _up(application: str, names: tuple[str, ...], deaths: Sequence[tuple[float, str]] = ()) -> Iterator[int]:
    port = _free_port()
    variables = os.environ | {"PYTHONPATH": os.getcwd(), "DEMO": "1", "PUBLIC_URL": f"http://{HOST}:{port}"}
    with tempfile.TemporaryDirectory(prefix="decroche-bench-") as folder:
        logs = Path(folder) / "logs"
        logs.mkdir()
        started = [one for one in processes(dict(variables), logs, port) if one.name in names]
        started[0].command = [*started[0].command[:-1], application]
        try:
            for process in started:
                process.start()
            _wait(started[0], port)
            with _dying(started, deaths):
                yield port
        finally:
            for process in started:
                process.stop()


@contextmanager
def _dying(started: list[Process], deaths: Sequence[tuple[float, str]]) -> Iterator[None]:
    if not deaths:
        yield
        return
    over, stopped = threading.Event(), threading.Event()
    reaper = threading.Thread(target=_reap, args=(started, sorted(deaths), over, stopped), daemon=True)
    reaper.start()
    try:
        yield
    finally:
        over.set()
        for process in started:
            process.stop()
        stopped.set()  # what the thread has started would end with it
        reaper.join()


def _reap(
    started: list[Process], deaths: list[tuple[float, str]], over: threading.Event, stopped: threading.Event
) -> None:
    began = time.monotonic()
    while not over.wait(0.2):
        if deaths and time.monotonic() - began > deaths[0][0]:
            _kill(started, deaths.pop(0)[1])
        for process in started:
            process.watch()
    stopped.wait()


def _kill(started: list[Process], name: str) -> None:
    victim = next(process.child for process in started if process.name == name.split(maxsplit=1)[0])
    if victim is None:
        return
    process = psutil.Process(victim.pid)
    children = [child for child in process.children() if "granian" in " ".join(child.cmdline())]
    (children[0] if name.endswith("child") and children else process).kill()
    print(f"{name} killed.", flush=True)


def _wait(web: Process, port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        try:
            if Line(port).ask(HEALTH)[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{web.name} does not answer: {web.log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def processor_seconds() -> tuple[float, float]:
    """What the web servers and PostgreSQL have used of the processor so far."""
    web = [child for child in psutil.Process().children(recursive=True) if "granian" in " ".join(child.cmdline())]
    database = psutil.Process(run("SELECT pg_backend_pid()")[0][0]).parent()
    return _used(web), _used(database.children() if database else [])


def _used(processes: list[psutil.Process]) -> float:
    return sum(used.user + used.system for used in (process.cpu_times() for process in processes))
