"""The containers against the settings: what the program asks, compose gives; and no secret is written down."""

import ast
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["beat", "migrate", "web", "worker"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SECRETS = {"SECRET_KEY", "OPPOSITION_KEY", "POSTGRES_PASSWORD"}
PINNED_BY_MAJOR = re.compile(r"^[a-z]+:\d+(\.\d+)?(-slim)?$")


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def required_by_the_settings() -> set[str]:
    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    return {
        call.args[0].value for call in calls if call.func.id == "required" and isinstance(call.args[0], ast.Constant)
    }


def read_by_the_settings() -> set[str]:
    text = (ROOT / "config" / "settings.py").read_text()
    return set(re.findall(r"""(?:required|flag|whole|environ\.get)\(\s*"([A-Z_]+)\"""", text))


def fill(value: str, variables: dict[str, str]) -> str:
    """As compose does for ${NAME:?sentence}."""
    return re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: variables[found[1]], value)


def test_these_are_the_services() -> None:
    assert sorted(SERVICES) == sorted([*OURS, "postgres", "redis"])


@pytest.mark.parametrize("name", OURS)
def test_each_of_ours_gets_every_variable_the_settings_require(name: str) -> None:
    assert required_by_the_settings() == {"SECRET_KEY", "OPPOSITION_KEY", "DATABASE_URL", "REDIS_URL"}
    assert required_by_the_settings() <= set(SERVICES[name]["environment"])


@pytest.mark.parametrize("name", OURS)
def test_each_of_ours_gets_no_variable_that_the_settings_do_not_read(name: str) -> None:
    assert set(SERVICES[name]["environment"]) - read_by_the_settings() == set()


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_what_serves_waits_for_healthy_servers_and_for_the_migrations(name: str) -> None:
    assert {service: how["condition"] for service, how in SERVICES[name]["depends_on"].items()} == {
        "postgres": "service_healthy",
        "redis": "service_healthy",
        "migrate": "service_completed_successfully",
    }


def test_the_migrations_are_one_step_that_ends() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["command"] == ["python", "manage.py", "migrate", "--no-input"]
    assert SERVICES["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_all_but_the_step_that_ends_have_a_health_check() -> None:
    assert sorted(name for name, service in SERVICES.items() if "healthcheck" in service) == [
        "beat",
        "postgres",
        "redis",
        "web",
        "worker",
    ]


def test_volumes_are_named_and_each_is_used() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_only_the_web_is_reached_from_outside_and_from_this_machine_alone() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }


def test_no_secret_is_written_down() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if name in SECRETS:
                assert re.fullmatch(r"\$\{" + name + r":\?[^}]+\}", value)
    assert re.search(r"://[^$@\s]*:[^$@\s]*@", (ROOT / "docker-compose.yml").read_text()) is None
    assert {name: example()[name] for name in SECRETS} == dict.fromkeys(SECRETS, "")
    assert not re.search(r"^(ENV|ARG).*(SECRET|PASSWORD|KEY)", DOCKERFILE, re.MULTILINE)


def test_the_example_names_every_variable_of_compose_and_no_other() -> None:
    assert set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text())) == set(example())


def test_images_are_pinned_by_major_version() -> None:
    images = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    images += [line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("FROM")]
    assert [image for image in images if not PINNED_BY_MAJOR.match(image)] == []


def test_the_database_is_initialised_as_the_embedded_one() -> None:
    embedded = (ROOT / "config" / "embedded" / "postgres.py").read_text()
    for option in SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split():
        assert f'"{option}"' in embedded


def test_the_image_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE) == ["decroche"]


def test_every_command_names_something_that_exists() -> None:
    command = ast.literal_eval(DOCKERFILE.split("CMD ", 1)[1])
    module, attribute = command[-1].split(":")
    assert callable(getattr(import_module(module), attribute))
    assert SERVICES["migrate"]["command"][2] in get_commands()
    for name in ("worker", "beat"):
        assert SERVICES[name]["command"][:4] == ["celery", "-A", "config", name]
    assert import_module("config").celery_app.main == "decroche"


def test_with_the_example_filled_in_the_program_is_fit_for_production() -> None:
    filled = {
        name: value or "x" * 8 + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ" for name, value in example().items()
    }
    variables = {name: fill(value, filled) for name, value in SERVICES["web"]["environment"].items()}
    bare = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    check = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(check, cwd=ROOT, env=bare | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
