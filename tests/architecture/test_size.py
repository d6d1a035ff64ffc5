"""Code stays in pieces that one can read at once."""

from statistics import median

from tests.architecture.code import ROOT, committed, functions, modules

LONGER_FILES: dict[str, str] = {}  # path → why it may pass 400 lines
VAGUE_NAMES = {"services.py", "utils.py", "helpers.py", "managers.py", "common.py", "misc.py"}


def test_no_function_is_longer_than_sixty_lines() -> None:
    assert [function for function in functions() if function.lines > 60] == []


def test_the_median_function_is_shorter_than_eight_lines() -> None:
    assert median(function.lines for function in functions()) < 8


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    counted = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in modules()}
    assert {name: lines for name, lines in counted.items() if lines > 400 and name not in LONGER_FILES} == {}


def test_files_are_named_after_what_the_business_does() -> None:
    assert [path for path in committed() if path.name in VAGUE_NAMES] == []
