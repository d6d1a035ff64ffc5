"""The commands of the day, as a person types them: what they refuse, they refuse in one sentence."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from config.launch import manage, testing

ROOT = Path(__file__).resolve().parents[2]


def say(*words: str, **variables: str) -> tuple[int, str, str]:
    """(status, standard output, standard error) of a command in bin/"""
    command = [str(ROOT / "bin" / words[0]), *words[1:]]
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert say("run", "--port", str(port)) == (
            1,
            "",
            f"Port {port} cannot be had (Address already in use): choose another with --port.\n",
        )


def test_a_data_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, out, err = say("manage", "--data", str(tmp_path / "file" / "x"), "check")
    assert (status, out, err) == (1, "", f"{tmp_path / 'file' / 'x'} cannot be made: Not a directory.\n")


@pytest.mark.parametrize("words", [("run", "--fast"), ("messages", "--now"), ("lint", "everything")])
def test_a_wrong_word_is_wrong_usage(words: tuple[str, str]) -> None:
    status, out, err = say(*words)
    assert (status, out) == (2, "")
    assert "Traceback" not in err


def test_manage_hands_on_the_status_and_the_words(tmp_path: Path) -> None:
    assert say("manage", "--data", str(tmp_path), "shell", "-v", "0", "-c", "raise SystemExit(3)")[0] == 3
    assert say("manage", "--data", str(tmp_path), "shell", "-v", "0", "-c", "print('é')")[:2] == (0, "é\n")


def test_manage_takes_a_data_folder_in_front(tmp_path: Path) -> None:
    assert manage.data_of(["--data", str(tmp_path), "check", "--data", "x"]) == (tmp_path, ["check", "--data", "x"])
    assert manage.data_of([f"--data={tmp_path}", "check"]) == (tmp_path, ["check"])


def test_tests_run_two_at_a_time_unless_told() -> None:
    assert testing._parallel(["tests/config"]) == ["-n", "2"]
    assert testing._parallel(["-n", "0"]) == []
    assert testing._parallel(["-n4"]) == []


def test_the_browser_is_wanted_by_the_runs_that_reach_its_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tests" / "browser").mkdir(parents=True)
    (tmp_path / "tests" / "config").mkdir()
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert not testing._wants_browser([])
    (tmp_path / "tests" / "browser" / "test_chain.py").write_text("")
    assert testing._wants_browser([])
    assert testing._wants_browser(["-x", "tests/browser/test_chain.py::test_it"])
    assert testing._wants_browser(["tests"])
    assert not testing._wants_browser(["tests/config"])


def test_tests_left_out_are_named_and_fail_the_run_unless_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tests" / "browser").mkdir(parents=True)
    (tmp_path / "tests" / "browser" / "test_chain.py").write_text("")
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    assert testing._tell_skipped(0, browserless=False) == 1
    assert testing._tell_skipped(0, browserless=True) == 0
    assert testing._tell_skipped(5, browserless=True) == 5
    assert "tests/browser/test_chain.py" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:///db", "DATABASE_URL must start with postgresql://: PostgreSQL is the only engine."),
        ("postgresql://nobody@127.0.0.1:1/x", "The database does not answer: "),
    ],
)
def test_a_wrong_database_is_a_sentence(tmp_path: Path, url: str, sentence: str) -> None:
    status, out, err = say("manage", "--data", str(tmp_path), "migrate", DATABASE_URL=url)
    assert (status, out.replace("\n", "")) == (1, "")
    assert sentence in err
    assert "Traceback" not in err
