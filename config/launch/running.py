"""`bin/run [--port 8000] [--data DIR] [--no-demo] [--clock WHEN]`: the whole program here, until Ctrl-C."""

import argparse
import fcntl
import hashlib
import os
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.embedded import default_data, environment, keep_up, private
from config.launch.processes import ROOT, Process, Stopped, manage, python

HOST = "127.0.0.1"
READY_WITHIN = 180  # seconds; a web server that dies is noticed at once


def main(arguments: list[str]) -> int:
    wish = _wish(arguments)
    _refuse_taken_port(wish.port)
    data = wish.data or default_data(ROOT)
    with environment(data, os.environ) as servers, _only_run(data):
        variables = _variables(servers, wish)
        logins = _prepare(variables, demo=not wish.no_demo)
        with _running(processes(variables, private(data, "logs"), wish.port)) as all_of_it:
            _wait_until_ready(all_of_it, wish.port)
            print(f"ready http://{HOST}:{wish.port}\n{logins}".rstrip(), flush=True)
            _watch(all_of_it, data)
    return 0


def processes(variables: Mapping[str, str], logs: Path, port: int) -> list[Process]:
    """Web, worker and beat, in the order in which they start; they stop in the same order: no new work first."""
    cores = str(os.cpu_count() or 1)
    web = ["--interface", "wsgi", "--host", HOST, "--port", str(port), "--workers", cores, "--blocking-threads", "2"]
    commands = {
        "web": python("-m", "granian", *web, "config.wsgi:application"),
        "beat": python(
            "-m", "celery", "-A", "config", "beat", "--loglevel", "warning", "--schedule", logs.parent / "beat"
        ),
        "worker": python("-m", "celery", "-A", "config", "worker", "--loglevel", "warning", "--concurrency", cores),
    }
    # a worker that is told to stop gives its tasks some seconds, then hands them back to the queue
    told = dict(variables) | {"REMAP_SIGTERM": "SIGQUIT"}
    return [Process(name, command, logs / f"{name}.log", told) for name, command in commands.items()]


def _wish(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/run", description="Runs Décroche on this machine, until Ctrl-C.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=lambda text: Path(text).absolute(), metavar="DIR", help="instead of .data")
    parser.add_argument("--no-demo", action="store_true", help="an empty house: no demo missions, no demo logins")
    parser.add_argument(
        "--clock", type=_moment, metavar="WHEN", help="the demo lives at this moment, in Paris: 2026-11-24T10:00"
    )
    wish = parser.parse_args(arguments)
    if wish.clock and wish.no_demo:
        parser.error("--clock moves the clock of the demo only")
    return wish


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Paris"))


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            raise Stopped(f"Port {port} cannot be had ({why}): choose another with --port.") from error


@contextmanager
def _only_run(data: Path) -> Iterator[None]:
    """One beat per data folder, or every scheduled task would ring twice."""
    with open(data / ".run", "w") as run:
        try:
            fcntl.flock(run, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stopped(f"Décroche already runs with the data in {data}: stop it or choose another --data.") from None
        yield


def _variables(servers: Mapping[str, str], wish: argparse.Namespace) -> dict[str, str]:
    """The servers' variables and those of a local house; what the environment already says stays."""
    own: dict[str, str] = (
        {"PUBLIC_URL": f"http://{HOST}:{wish.port}"} | dict(servers) | {"DEMO": "0" if wish.no_demo else "1"}
    )
    if wish.clock:
        own["CLOCK_OFFSET"] = str(round((wish.clock - datetime.now(UTC)).total_seconds()))
    return own


def _prepare(variables: Mapping[str, str], *, demo: bool) -> str:
    """Tables, static files and the demo world; returns the demo logins as the seeding printed them."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        static = beside.submit(_collect_static, variables)  # the other half of a first start, on another core
        _say("Preparing the database …")
        manage(variables, "migrate", "--verbosity", "0")
        logins = _seed(variables) if demo else ""
        static.result()
    return logins


def _seed(variables: Mapping[str, str]) -> str:
    _say("Preparing the demo …")
    logins = manage(variables, "seed_demo")
    manage(variables, "fold_rates")  # the first page that opens shows rates already
    return logins


def _collect_static(variables: Mapping[str, str]) -> None:
    """Only when a file or a package has changed: compressing them takes longer than all the rest of a start."""
    stamp, now = Path(variables["STATIC_ROOT"]) / ".collected", _fingerprint()
    if not stamp.exists() or stamp.read_text() != now:
        manage(variables, "collectstatic", "--no-input", "--verbosity", "0")
        stamp.write_text(now)


def _fingerprint() -> str:
    sources = sorted(path for path in ROOT.glob("[a-z]*/static/**/*") if path.is_file())
    seen = [(path.relative_to(ROOT).as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in sources]
    pins = [path.read_text() for path in sorted(ROOT.glob("requirements*.txt"))]
    return hashlib.sha256(repr((seen, pins)).encode()).hexdigest()


@contextmanager
def _running(all_of_it: list[Process]) -> Iterator[list[Process]]:
    try:
        for process in all_of_it:
            process.start()
        yield all_of_it
    finally:
        for process in all_of_it:
            process.stop()


def _wait_until_ready(all_of_it: list[Process], port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not _is_healthy(port):
        for process in all_of_it:
            process.watch()
        if time.monotonic() > deadline:
            raise Stopped(f"The web server does not answer: {all_of_it[0].last_words()}")
        time.sleep(0.1)


def _is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _watch(all_of_it: list[Process], data: Path) -> None:
    """Whatever dies is started again, the servers first: ours wait for them."""
    while True:
        keep_up(data, os.environ)
        for process in all_of_it:
            process.watch()
        time.sleep(1)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
