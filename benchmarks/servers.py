"""The measured servers: granian on loopback, as bin/run starts it, for the product and for the bare view."""

import os
import socket
import tempfile
import time
from collections.abc import Iterator
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
def product(*names: str) -> Iterator[int]:
    """Décroche on a free port; `names` of web, worker and beat, the web server alone without a name."""
    with _up("config.wsgi:application", names or ("web",)) as port:
        yield port


@contextmanager
def bare() -> Iterator[int]:
    """The same server with one view and nothing around it: benchmarks/bare.py."""
    with _up("benchmarks.bare:application", ("web",)) as port:
        yield port


@contextmanager
def _up(application: str, names: tuple[str, ...]) -> Iterator[int]:
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
            yield port
        finally:
            for process in started:
                process.stop()


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
