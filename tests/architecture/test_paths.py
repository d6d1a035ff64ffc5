"""Nothing committed leans on the machine it was written on."""

import re

from tests.architecture.code import ROOT, committed

TEXT = {
    ".py",
    ".sh",
    ".md",
    ".toml",
    ".txt",
    ".in",
    ".yml",
    ".yaml",
    ".html",
    ".css",
    ".js",
    ".json",
    ".po",
    ".sql",
    "",
}
ELSEWHERE = re.compile(r"\.\./" r"shared|(?<![\w.])/" r"(?:work|farm|root|home/\w+)/")


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in committed() if path.suffix in TEXT}
    assert {
        str(path.relative_to(ROOT)): ELSEWHERE.findall(text)
        for path, text in texts.items()
        if "vendor" not in path.parts and ELSEWHERE.search(text)
    } == {}


def test_requirements_name_no_registry() -> None:
    for path in ROOT.glob("requirements*"):
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", path.read_text()), path.name


def test_nothing_local_is_committed() -> None:
    local = {".venv", ".data", ".env", "node_modules"}
    assert [path for path in committed() if local & set(path.relative_to(ROOT).parts)] == []
