"""Makes .venv when it is missing or out of date, then hands over to config.launch in it. Standard library only."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PINS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
UV = "uv==0.13.9"
STAMP = VENV / ".installed"


def main() -> None:
    for name in ("PYTHONHOME", "PYTHONPATH"):  # they would mix another Python's packages into ours
        os.environ.pop(name, None)
    with open(ROOT / "bin" / "bootstrap.py") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two commands at once on a fresh clone: the second waits
        if not is_installed():
            install()
    os.environ["PYTHONPATH"] = str(ROOT)  # the caller's folder stays: file names are relative to it
    os.execv(PYTHON, [str(PYTHON), "-P", "-m", "config.launch", *sys.argv[1:]])


def fingerprint() -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in PINS)).hexdigest()


def is_installed() -> bool:
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == fingerprint()


def install() -> None:
    print("Installing what Décroche needs into .venv …", file=sys.stderr, flush=True)
    if not PYTHON.exists():
        make_venv()
    words = ""
    for attempt in (uv_found, uv_fetched, pip):
        failed, words = attempt()
        if not failed:
            STAMP.write_text(fingerprint())
            return
    stop(f"The packages could not be installed: {last_line(words)}")


def make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    failed, words = run([sys.executable, "-m", "venv", str(VENV)])
    if failed and not (shutil.which("uv") and PYTHON.exists()):
        shutil.rmtree(VENV, ignore_errors=True)
        advice = "on Debian: apt install python3-venv" if "ensurepip" in words else last_line(words)
        stop(f"Python's venv module does not work here ({advice}).")


def uv_found() -> tuple[bool, str]:
    found = shutil.which("uv")
    return uv(found) if found else (True, "")


def uv_fetched() -> tuple[bool, str]:
    run([str(PYTHON), "-m", "ensurepip"])  # a .venv made by uv has no pip
    failed, words = run([str(PYTHON), "-m", "pip", "install", "--quiet", UV])
    return (failed, words) if failed else uv(str(VENV / "bin" / "uv"))


def uv(program: str) -> tuple[bool, str]:
    """With the machine's own certificates, so that it also works behind a company's proxy."""
    return run([program, "pip", "install", "--system-certs", "--quiet", "--python", str(PYTHON), *pins()])


def pip() -> tuple[bool, str]:
    return run([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pins()])


def pins() -> list[str]:
    return [word for path in PINS for word in ("-r", str(path))]


def run(command: list[str]) -> tuple[bool, str]:
    """(whether it failed, what it said)"""
    done = subprocess.run(
        command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode != 0, done.stdout


def last_line(words: str) -> str:
    return next((line.strip() for line in reversed(words.splitlines()) if line.strip()), "no reason was given")


def stop(sentence: str) -> None:
    sys.exit(sentence)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
