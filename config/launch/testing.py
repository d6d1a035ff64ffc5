"""`bin/test [pytest arguments] [--no-browser]`: pytest on throwaway servers, with a Chromium it finds or installs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from config.embedded import environment, throwaway_data
from config.launch.processes import ROOT, call, python

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-liberation", "fonts-noto-core")


def main(arguments: list[str]) -> int:
    browserless = "--no-browser" in arguments
    words = [word for word in arguments if word != "--no-browser"]
    os.chdir(ROOT)
    chromium = None if browserless or not _wants_browser(words) else find_chromium() or install_chromium()
    skipped = _wants_browser(words) and chromium is None
    data = throwaway_data()
    try:
        with environment(data, _with_browser(os.environ, chromium), throwaway=True) as variables:
            status = call(
                python("-m", "pytest", *_parallel(words), *(_without_browser() if skipped else []), *words), variables
            )
    finally:
        shutil.rmtree(data, ignore_errors=True)
    return _tell_skipped(status, browserless) if skipped else status


def find_chromium() -> str | None:
    """The path of an installed Chromium, or none."""
    return next((path for name in CHROMIUMS if (path := shutil.which(name, path=_search_path()))), None)


def install_chromium() -> str | None:
    """As root on Debian or Ubuntu: by apt. Returns its path, or none."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    print("Installing Chromium for the browser tests (apt) …", file=sys.stderr)
    for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(["apt-get", "-qq", *command], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            print((done.stderr.strip().splitlines() or ["apt-get failed."])[-1], file=sys.stderr)
            return None
    return find_chromium()


def _search_path() -> str:
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/bin", "/usr/local/bin", "/snap/bin"])


def _with_browser(given: Mapping[str, str], chromium: str | None) -> dict[str, str]:
    return dict(given) | ({"CHROMIUM": chromium} if chromium else {})


def _wants_browser(words: list[str]) -> bool:
    """Whether the run would reach the browser tests: no path was named, or one that holds them."""
    tests = ROOT / "tests" / "browser"
    paths = [Path(word.split("::")[0]).resolve() for word in words if Path(word.split("::")[0]).exists()]
    return any(tests.glob("test_*.py")) and (not paths or any(_overlap(tests, path) for path in paths))


def _overlap(tests: Path, path: Path) -> bool:
    return path == tests or tests in path.parents or path in tests.parents


def _parallel(words: list[str]) -> list[str]:
    """Two at a time, unless told otherwise."""
    told = any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in words)
    return [] if told else ["-n", "2"]


def _without_browser() -> list[str]:
    return ["-m", "not browser"]


def _tell_skipped(status: int, browserless: bool) -> int:
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "browser").glob("test_*.py"))
    why = "as asked" if browserless else "no Chromium was found; install one, or say --no-browser"
    print(f"Not run ({why}): {', '.join(files)}", file=sys.stderr)
    return status or (0 if browserless else 1)
