"""Our own processes: restarted when they die, given up when they keep dying, ended with us."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.launch import processes
from config.launch.processes import Process, Stopped

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    made = Process("sleeper", ["sleep", "60"], tmp_path / "sleeper.log", os.environ)
    yield made
    made.stop()


def wait_until_dead(pid: int) -> bool:
    for _ in range(100):
        status = Path(f"/proc/{pid}/status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.05)
    return False


def test_one_that_dies_is_started_again(process: Process) -> None:
    process.start()
    assert process.child is not None
    first = process.child.pid
    process.child.kill()
    process.child.wait()
    process.watch()
    assert process.child.pid != first
    assert process.child.poll() is None


def test_one_that_keeps_dying_at_once_is_given_up_with_its_last_words(process: Process) -> None:
    process.command = ["sh", "-c", "echo no such port; exit 3"]
    process.start()
    with pytest.raises(Stopped, match="sleeper does not stay up: no such port"):
        for _ in range(processes.TRIES):
            assert process.child is not None
            process.child.wait()
            process.watch()


def test_one_that_lived_a_while_has_its_tries_again(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "AT_ONCE", 0)
    process.command = ["true"]
    process.start()
    for _ in range(2 * processes.TRIES):
        assert process.child is not None
        process.child.wait()
        process.watch()


def test_what_does_not_end_when_asked_is_killed(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.3)
    process.command = ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"]
    process.start()
    while not process.log.read_text():
        time.sleep(0.02)
    process.stop()
    assert process.child is not None
    assert process.child.returncode == -signal.SIGKILL


def test_its_own_children_end_with_it(process: Process) -> None:
    process.command = ["sh", "-c", "sleep 60 & echo $!; wait"]
    process.start()
    while not process.log.read_text():
        time.sleep(0.02)
    process.stop()
    assert wait_until_dead(int(process.log.read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word to the child is Linux's")
def test_it_ends_when_we_are_killed(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, time; from config.launch.processes import Process\n"
        f"p = Process('s', ['sleep', '60'], pathlib.Path({str(tmp_path / 'log')!r}), os.environ); p.start()\n"
        "print(p.child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-P", "-c", program], env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert wait_until_dead(child)


def test_the_status_of_a_command_is_handed_on() -> None:
    assert processes.call(["sh", "-c", "exit 7"], os.environ) == 7
    assert processes.call(["sh", "-c", "kill -KILL $$"], os.environ) == 128 + signal.SIGKILL
