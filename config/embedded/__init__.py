"""The embedded PostgreSQL and Redis: a program that holds a data folder has them; the last to let go stops them.

Used by bin/* alone, and only for what DATABASE_URL and REDIS_URL do not name. The program itself sees nothing of
this: it reads its environment, as in production.
"""

import fcntl
import os
import secrets
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.embedded import postgres, redis
from config.embedded.places import Place, Unservable, default_data, die_with_parent, make, private, throwaway_data

__all__ = ["Unservable", "default_data", "die_with_parent", "environment", "keep_up", "private", "throwaway_data"]

SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@contextmanager
def environment(data: Path, given: Mapping[str, str], *, throwaway: bool = False) -> Iterator[dict[str, str]]:
    """Every variable the program needs, with the servers that `given` does not name up until the block ends.

    Raises `Unservable` with a sentence when a server cannot be had.
    """
    make(data, 0o711)
    data, given = data.resolve(), {name: value for name, value in given.items() if value}
    with ExitStack() as stack:
        with _alone(data):
            own = _secrets(data, given) | _folders(data)
            if {"DATABASE_URL", "REDIS_URL"} - set(given):
                place = Place.at(data, throwaway=throwaway)
                stack.callback(_let_go, place, stack.enter_context(_hold(data)))
                own |= _serve(place, given)
        yield own | given


def keep_up(data: Path, given: Mapping[str, str]) -> None:
    """Starts again whichever of the servers has died since `environment` brought it up, with all it had committed."""
    if {"DATABASE_URL", "REDIS_URL"} - set(given):
        with _alone(data):
            _serve(Place.at(data.resolve()), given)


def _serve(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    urls = {}
    if "DATABASE_URL" not in given:
        urls["DATABASE_URL"] = postgres.ensure(place)
    if "REDIS_URL" not in given:
        urls["REDIS_URL"] = redis.ensure(place)
    return urls


def _folders(data: Path) -> dict[str, str]:
    return {"MEDIA_ROOT": str(private(data, "media")), "STATIC_ROOT": str(private(data, "static"))}


def _secrets(data: Path, given: Mapping[str, str]) -> dict[str, str]:
    folder = private(data, "secrets")
    return {name: _secret(folder / name) for name in ("SECRET_KEY", "OPPOSITION_KEY") if name not in given}


def _secret(path: Path) -> str:
    if not path.exists():
        with open(path, "x", opener=lambda file, flags: os.open(file, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One program at a time starts or stops servers. The lock dies with its holder, even by kill -9."""
    with open(data / ".turn", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


@contextmanager
def _hold(data: Path) -> Iterator[int]:
    """A shared lock, taken as long as the servers are needed; held by the kernel, so never stale."""
    with open(data / ".held", "w") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        yield held.fileno()


def _let_go(place: Place, held: int) -> None:
    """Stops the servers when nobody else holds them. A second Ctrl-C waits until that is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        with _alone(place.data):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            redis.stop(place)
            postgres.stop(place)
    except BlockingIOError:
        return
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
