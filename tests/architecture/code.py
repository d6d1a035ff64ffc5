"""The sources as these tests see them: what git knows, so that nothing built or local is judged."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "marketplace", "prospecting", "reporting")


@dataclass(frozen=True)
class Function:
    """`lines`: from its `def` to its end, without the docstring."""

    where: str
    name: str
    lines: int


def committed() -> list[Path]:
    """Every file of the repository, and those about to join it."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in sorted(names) if name and (ROOT / name).is_file()]


def modules() -> list[Path]:
    """Our own Python, without tests and migrations."""
    ours = (path for path in committed() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in (*APPS, "bin"))
    return [path for path in ours if "migrations" not in path.parts]


def functions() -> Iterator[Function]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(f"{path.relative_to(ROOT)}:{node.lineno}", node.name, _length(node))


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = node.body[0] if ast.get_docstring(node) is not None else None
    told = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - told
