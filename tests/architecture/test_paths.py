"""Nothing committed leans on the machine it was written on."""

import re

from tests.architecture.code import ROOT, committed

ELSEWHERE = re.compile(rb"\.\./" rb"shared|(?<![\w.])/" rb"(?:work|farm|root|home/\w+)/")


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    ours = {path: path.read_bytes() for path in committed() if not {"vendor", "data"} & set(path.parts)}
    texts = {path: text for path, text in ours.items() if b"\0" not in text}
    assert {str(path.relative_to(ROOT)): ELSEWHERE.findall(text) for path, text in texts.items()} == {
        str(path.relative_to(ROOT)): [] for path in texts
    }


def test_requirements_name_no_registry() -> None:
    for path in ROOT.glob("requirements*"):
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", path.read_text()), path.name


def test_nothing_local_is_committed() -> None:
    local = {".venv", ".data", ".env", "node_modules"}
    assert [path for path in committed() if local & set(path.relative_to(ROOT).parts)] == []
