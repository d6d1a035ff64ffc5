"""The embedded servers, for real: started, joined, left, killed, in folders of their own."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from celery import Celery
from redis import Redis

from config.celery import broker
from config.embedded import Unservable, environment, keep_up, throwaway_data
from config.embedded.places import SOCKET_LIMIT

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import os, sys, time
from pathlib import Path
from config.embedded import environment
from config.launch.__main__ import _leave
import signal
signal.signal(signal.SIGTERM, _leave)
with environment(Path(sys.argv[1]), {}, throwaway=sys.argv[2] == "throwaway") as variables:
    print(variables["DATABASE_URL"], variables["REDIS_URL"], flush=True)
    time.sleep(60)
"""


@pytest.fixture
def data() -> Iterator[Path]:
    folder = throwaway_data()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def is_up(variables: dict[str, str]) -> tuple[bool, bool]:
    """(PostgreSQL, Redis)"""
    try:
        psycopg.connect(variables["DATABASE_URL"]).close()
        postgres = True
    except psycopg.OperationalError:
        postgres = False
    return postgres, socket_of(variables).exists()


def socket_of(variables: dict[str, str]) -> Path:
    return Path(unquote(urlsplit(variables["REDIS_URL"]).path))


def hold(data: Path, kind: str = "kept") -> tuple[subprocess.Popen[str], dict[str, str]]:
    """Another program that holds the same data folder."""
    holder = subprocess.Popen(
        [sys.executable, "-P", "-c", HOLDER, str(data), kind],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert holder.stdout is not None
    database, redis = holder.stdout.readline().split()
    return holder, {"DATABASE_URL": database, "REDIS_URL": redis}


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def tell(variables: dict[str, str], sql: str) -> str:
    with psycopg.connect(variables["DATABASE_URL"]) as connection:
        cursor = connection.execute(sql)
        return str(cursor.fetchone()[0]) if cursor.description else ""


def test_it_gives_every_variable_and_stops_the_servers_at_the_end(data: Path) -> None:
    with environment(data, {}, throwaway=True) as variables:
        assert is_up(variables) == (True, True)
        assert Redis.from_url(variables["REDIS_URL"]).ping()
        assert set(variables) == {
            "DATABASE_URL",
            "REDIS_URL",
            "SECRET_KEY",
            "OPPOSITION_KEY",
            "MEDIA_ROOT",
            "STATIC_ROOT",
        }
    assert is_up(variables) == (False, False)


def test_it_starts_nothing_that_is_given(data: Path) -> None:
    given = {"DATABASE_URL": "postgresql://elsewhere/x", "REDIS_URL": "redis://elsewhere", "SECRET_KEY": "mine"}
    with environment(data, given) as variables:
        assert {name: variables[name] for name in given} == given
    assert not (data / "postgres").exists()
    assert not (data / "redis").exists()


def test_the_database_is_the_same_on_every_machine(data: Path) -> None:
    with environment(data, {}, throwaway=True) as variables:
        assert tell(variables, "SHOW server_version").startswith("18.")
        assert tell(variables, "SHOW server_encoding") == "UTF8"
        assert tell(variables, "SELECT upper('été')") == "ÉTÉ"
        assert tell(variables, "SELECT 'Z' < 'a' AND 'a' < 'é'") == "True"
        assert tell(variables, "SHOW listen_addresses") == ""


def test_a_variable_that_is_empty_is_not_given(data: Path) -> None:
    given = {"DATABASE_URL": "x", "REDIS_URL": "x", "SECRET_KEY": ""}
    with environment(data, given) as variables:
        assert len(variables["SECRET_KEY"]) > 50


def test_secrets_stay_the_same_and_are_ours_alone(data: Path) -> None:
    seen = []
    for _ in range(2):
        with environment(data, {"DATABASE_URL": "x", "REDIS_URL": "x"}) as variables:
            seen.append((variables["SECRET_KEY"], variables["OPPOSITION_KEY"]))
    assert seen[0] == seen[1]
    assert len(set(seen[0])) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in (data / "secrets").iterdir()} == {0o600}


def test_a_second_program_joins_and_the_last_one_stops_the_servers(data: Path) -> None:
    holder, _ = hold(data)
    with environment(data, {}) as variables:
        started = tell(variables, "SELECT pg_postmaster_start_time()")
        holder.send_signal(signal.SIGTERM)
        assert holder.wait(30) == 128 + signal.SIGTERM
        assert is_up(variables) == (True, True)
        assert tell(variables, "SELECT pg_postmaster_start_time()") == started
    assert is_up(variables) == (False, False)


def test_a_ctrl_c_stops_them(data: Path) -> None:
    holder, variables = hold(data)
    holder.send_signal(signal.SIGINT)
    holder.wait(30)
    assert is_up(variables) == (False, False)


def test_after_a_kill_of_the_only_holder_the_next_one_joins_and_stops_them(data: Path) -> None:
    holder, before = hold(data)
    holder.kill()
    holder.wait()
    assert is_up(before) == (True, True)
    with environment(data, {}) as variables:
        assert is_up(variables) == (True, True)
    assert is_up(variables) == (False, False)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word to the child is Linux's")
def test_throwaway_servers_go_with_a_killed_holder(data: Path) -> None:
    holder, variables = hold(data, "throwaway")
    holder.kill()
    holder.wait()
    assert any(is_up(variables) == (False, False) or time.sleep(0.1) for _ in range(100))


def test_after_a_kill_of_everything_nothing_committed_is_lost(data: Path) -> None:
    holder, variables = hold(data)
    tell(variables, "CREATE TABLE kept (n int)")
    tell(variables, "INSERT INTO kept VALUES (7)")
    redis = Redis.from_url(variables["REDIS_URL"])
    redis.set("kept", 7)
    time.sleep(1.5)  # Redis writes its log once a second
    os.kill(postmaster(data), signal.SIGKILL)
    os.kill(redis.info("server")["process_id"], signal.SIGKILL)
    holder.kill()
    holder.wait()
    with environment(data, {}) as variables:
        assert tell(variables, "SELECT n FROM kept") == "7"
        assert Redis.from_url(variables["REDIS_URL"]).get("kept") == b"7"
    assert is_up(variables) == (False, False)


def test_a_server_that_was_killed_comes_back_while_we_hold_it(data: Path) -> None:
    with environment(data, {}) as variables:
        tell(variables, "CREATE TABLE kept (n int)")
        os.kill(postmaster(data), signal.SIGKILL)
        os.kill(Redis.from_url(variables["REDIS_URL"]).info("server")["process_id"], signal.SIGKILL)
        keep_up(data, {})
        assert tell(variables, "SELECT count(*) FROM kept") == "0"
        assert Redis.from_url(variables["REDIS_URL"]).ping()
    assert is_up(variables) == (False, False)


def test_a_half_made_cluster_is_made_again(data: Path) -> None:
    (data / "postgres.new").mkdir()
    (data / "postgres.new" / "PG_VERSION").write_text("18\n")
    with environment(data, {}, throwaway=True) as variables:
        assert is_up(variables) == (True, True)


def test_a_path_too_long_for_a_socket_gets_a_short_one(data: Path) -> None:
    deep = data / ("long" * 20) / ("deep" * 10)
    with environment(deep, {}, throwaway=True) as variables:
        assert is_up(variables) == (True, True)
        sockets = socket_of(variables).parent
        assert len(str(sockets / ".s.PGSQL.5432")) <= SOCKET_LIMIT
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    shutil.rmtree(sockets)


def test_a_path_with_spaces_and_accents_will_do(data: Path) -> None:
    with environment(data / "dossier à moi", {}, throwaway=True) as variables:
        assert is_up(variables) == (True, True)
        assert Redis.from_url(variables["REDIS_URL"]).ping()
        with Celery(broker=broker(variables["REDIS_URL"])).connection() as connection:
            assert connection.default_channel.client.ping()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")
def test_as_root_no_permission_of_others_folders_changes(data: Path) -> None:
    ours = data / "private"
    ours.mkdir(mode=0o700)
    (ours / "d").mkdir(mode=0o755)
    before = {path: path.stat().st_mode for path in (data, ours, ours / "d")}
    with pytest.raises(Unservable, match="cannot reach"), environment(ours / "d", {}, throwaway=True):
        pass
    assert {path: path.stat().st_mode for path in before} == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_a_link_laid_where_the_sockets_go_is_refused(data: Path) -> None:
    (data / "target").mkdir()
    (data / "sockets").symlink_to(data / "target")
    with pytest.raises(Unservable, match="belongs to somebody else"), environment(data, {}, throwaway=True):
        pass
    assert (data / "target").stat().st_uid == 0


def test_a_folder_that_cannot_be_made_is_a_sentence(data: Path) -> None:
    (data / "file").write_text("")
    with pytest.raises(Unservable, match="cannot be made"), environment(data / "file" / "x", {}):
        pass
