"""Whole journeys in a real Chromium against the whole program: web, worker, beat, PostgreSQL and Redis of its own.

The program is a demo that lives on a Tuesday at 10:00, because calls are only allowed in working hours.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from config.embedded import throwaway_data

ROOT = Path(__file__).resolve().parents[2]
SHOTS = Path(__file__).parent / "shots"
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "OPPOSITION_KEY",
    "DEMO",
    "DEBUG",
    "CLOCK_OFFSET",
    "PUBLIC_URL",
    "MEDIA_ROOT",
)
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def house() -> Iterator[str]:
    """The address of the running program, with its demo world."""
    data, port = throwaway_data(), _free_port()
    command = [ROOT / "bin" / "run", "--port", str(port), "--data", str(data)]
    variables = {name: value for name, value in os.environ.items() if name not in OURS}
    program = subprocess.Popen(
        [*command, "--clock", "2026-11-24T10:00"], cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        line = next((line for line in program.stdout if line.startswith("ready ")), "")
        assert line, "the program never became ready"
        yield line.removeprefix("ready ").strip()
    finally:
        program.terminate()
        program.wait(timeout=60)
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, house: str) -> Iterator[Callable[..., Page]]:
    """`visit(language="fr", width=1366, height=768, scheme="light")` opens a fresh browser window on the house.

    A page that logs an error or breaks the Content-Security-Policy fails the test.
    """
    errors: list[str] = []
    contexts = []

    def open_window(language: str = "fr", width: int = 1366, height: int = 768, scheme: str = "light") -> Page:
        context = browser.new_context(
            base_url=house, locale=language, viewport={"width": width, "height": height}, color_scheme=scheme,
            timezone_id="Europe/Paris",
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Keeps a picture of the page, for people to look at."""
    SHOTS.mkdir(exist_ok=True)
    return lambda page, name: page.screenshot(path=SHOTS / f"{name}.png", full_page=True) and None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for what the workers do."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)
