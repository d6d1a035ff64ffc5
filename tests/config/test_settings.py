"""The settings stop the program with a sentence rather than guess."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENOUGH = {
    "SECRET_KEY": "s",
    "OPPOSITION_KEY": "o",
    "DATABASE_URL": "postgresql://user:p%40ss@db.example:6432/name?sslmode=require",
    "REDIS_URL": "redis://redis.example/1",
}


def load(variables: dict[str, str], expression: str = "True") -> tuple[int, str]:
    """Loads the settings in a program of its own, with these variables only."""
    program = f"import config.settings as s; print({expression})"
    bare = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=bare | variables, capture_output=True, text=True, check=False)
    return done.returncode, (done.stderr.strip().splitlines() or [done.stdout.strip()])[-1]


def test_four_variables_are_enough() -> None:
    assert load(ENOUGH) == (0, "True")


@pytest.mark.parametrize("name", sorted(ENOUGH))
def test_each_of_the_four_is_missed(name: str) -> None:
    status, words = load({key: value for key, value in ENOUGH.items() if key != name})
    assert status == 1
    assert words.endswith(f"ImproperlyConfigured: {name} is not set. bin/run sets it; elsewhere see .env.example.")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"DEBUG": "maybe"}, "DEBUG must be 1 or 0, not “maybe”."),
        ({"IMPORT_MAX_MB": "many"}, "IMPORT_MAX_MB must be a whole number, not “many”."),
        (
            {"DATABASE_URL": "sqlite:///db"},
            "DATABASE_URL must start with postgresql://: PostgreSQL is the only engine.",
        ),
        ({"CLOCK_OFFSET": "60"}, "CLOCK_OFFSET moves the clock of a demo only; calls are judged by the real one."),
    ],
)
def test_a_wrong_value_is_a_sentence(wrong: dict[str, str], sentence: str) -> None:
    status, words = load(ENOUGH | wrong)
    assert (status, words.partition("ImproperlyConfigured: ")[2]) == (1, sentence)


def test_the_database_url_is_read_whole() -> None:
    _, words = load(ENOUGH, "s.DATABASES['default']")
    assert "'NAME': 'name', 'USER': 'user', 'PASSWORD': 'p@ss', 'HOST': 'db.example', 'PORT': '6432'" in words
    assert "'sslmode': 'require'" in words


def test_a_unix_socket_is_a_host() -> None:
    url = "postgresql://decroche@/decroche?host=%2Ftmp%2Fa%20b"
    assert load(ENOUGH | {"DATABASE_URL": url}, "s.DATABASES['default']['HOST']") == (0, "/tmp/a b")  # noqa: S108


def test_tls_is_asked_for_as_soon_as_the_address_is_https() -> None:
    expression = "[s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0]"
    assert load(ENOUGH | {"PUBLIC_URL": "https://d.example"}, expression) == (0, "[True, True, True, True]")
    assert load(ENOUGH, expression) == (0, "[False, False, False, False]")
