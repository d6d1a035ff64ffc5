"""Load: many agents at once, each on one connection, and the times of their answers. Plain sockets, to cost little."""

import json
import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HOST = "127.0.0.1"
LIMIT = 60.0  # seconds a run may take; what is left then is not done, and the figures say how much was


@dataclass(frozen=True)
class Run:
    """`seconds` from the first request to the last answer; `times` in seconds, one per answer, sorted."""

    seconds: float
    times: list[float]
    answers: list[Any]

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, percent: int) -> float:
        """In milliseconds."""
        return 1000 * self.times[min(len(self.times) - 1, len(self.times) * percent // 100)]


class Line:
    """One kept-alive HTTP/1.1 connection, for requests that are written out beforehand."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.incoming = self.socket.makefile("rb")

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """(status, body). Only answers with a Content-Length, or without a body, are understood."""
        self.socket.sendall(request)
        status, length = int(self.incoming.readline().split()[1]), 0
        while (header := self.incoming.readline()) not in (b"\r\n", b""):
            name, _colon, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return status, self.incoming.read(length)

    def demand(self, request: bytes) -> bytes:
        """The body of an answer that must be a success."""
        status, body = self.ask(request)
        if not 200 <= status < 300:
            raise AssertionError(f"HTTP {status}: {body[:400].decode(errors='replace')}")
        return body


def written(method: str, path: str, headers: Mapping[str, str], body: object = None) -> bytes:
    payload = b"" if body is None else json.dumps(body).encode()
    lines = {"Host": HOST, "Content-Type": "application/json", "Content-Length": str(len(payload)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + payload


def drive(jobs: Sequence[Any], agents: int, connect: Callable[[], Callable[[Any], Any]], limit: float = LIMIT) -> Run:
    """Shares the jobs out among so many agents at once, each with what `connect` gives: a function that does one job.

    The agents are threads of as many processes as there are cores.
    """
    context = multiprocessing.get_context("fork")
    agents = min(agents, len(jobs))
    processes = min(agents, os.cpu_count() or 1)
    together = context.Barrier(agents)
    pipes, children = [], []
    for number in range(processes):
        mine = [jobs[agent::agents] for agent in range(number, agents, processes)]
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=_process, args=(mine, connect, together, limit, sender), daemon=True)
        child.start()
        pipes.append(receiver)
        children.append(child)
    parts = [part for pipe in pipes for part in pipe.recv()]
    for child in children:
        child.join()
    return _gathered(parts)


def _gathered(parts: list[Any]) -> Run:
    for part in parts:
        if isinstance(part, str):
            raise AssertionError(part)
    done = [one for part in parts for one in part]
    first, last = min(began for began, _ended, _answer in done), max(ended for _began, ended, _answer in done)
    times = sorted(ended - began for began, ended, _answer in done)
    return Run(last - first, times, [answer for _began, _ended, answer in done])


def _process(shares: list[Any], connect: Any, together: Any, limit: float, sender: Any) -> None:
    parts: list[Any] = []
    threads = [threading.Thread(target=_agent, args=(jobs, connect, together, limit, parts)) for jobs in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sender.send(parts)


def _agent(jobs: Sequence[Any], connect: Any, together: Any, limit: float, parts: list[Any]) -> None:
    done = []
    try:
        act = connect()
        together.wait(60)
        deadline = time.monotonic() + limit
        for job in jobs:
            began = time.monotonic()
            if began > deadline:
                break
            answer = act(job)
            done.append((began, time.monotonic(), answer))
    except Exception as error:
        parts.append(f"{type(error).__name__}: {error}")
        together.abort()
    else:
        parts.append(done)
