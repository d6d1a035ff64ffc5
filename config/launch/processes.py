"""Our own processes: started with the parent's death as theirs, watched, restarted, stopped in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 10  # seconds: a process that lives less than this died at once
TRIES = 3
PATIENCE = 15  # seconds given to finish what is under way; then kill


class Stopped(Exception):
    """A process that is needed does not stay up; the message is the sentence to show."""


def python(*words: str | Path) -> list[str]:
    """A command line for the Python that runs us."""
    return [sys.executable, "-P", *map(str, words)]


def call(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs a command in the foreground to its end and returns its status; a request to stop is passed on."""
    child = subprocess.Popen(command, env=environment, preexec_fn=die_with_parent)
    try:
        return _status(child.wait())
    except KeyboardInterrupt:
        with suppress(subprocess.TimeoutExpired):
            child.wait(PATIENCE)  # the terminal has told it too: pytest still says what it saw
        raise
    finally:
        _finish(child)


def manage(variables: Mapping[str, str], *words: str) -> str:
    """Runs a Django command to its end and returns what it printed. Raises Stopped with its last line."""
    command = python(ROOT / "manage.py", *words)
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise Stopped(f"{words[0]} failed: {last}")
    return done.stdout


def _status(code: int) -> int:
    return code if code >= 0 else 128 - code


def _finish(child: "subprocess.Popen[bytes]") -> None:
    """Asks a child that still runs to end, and kills it when it does not."""
    with suppress(ProcessLookupError):
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


@dataclass
class Process:
    """One long-lived process with its log. It leads a group of its own: a Ctrl-C reaches it through us only."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    failures: int = 0
    started: float = 0
    child: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.started = time.monotonic()

    def watch(self) -> None:
        """Starts it again when it has died; raises `Stopped` when it keeps dying at once."""
        if self.child is None or self.child.poll() is None:
            return
        self.failures = self.failures + 1 if time.monotonic() - self.started < AT_ONCE else 0
        if self.failures >= TRIES:
            raise Stopped(f"{self.name} does not stay up: {self.last_words()} (see {self.log})")
        self._kill_group()
        self.start()

    def stop(self) -> None:
        if self.child is None:
            return
        _finish(self.child)
        self._kill_group()

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    def _kill_group(self) -> None:
        """What a killed parent leaves behind must not hold its port or its queue."""
        if self.child is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child.pid, signal.SIGKILL)
