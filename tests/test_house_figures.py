"""The figures by which the code's cut is judged count what they say."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools.house_figures import (
    Module,
    count_comment_lines,
    count_functions,
    count_names,
    find_modules,
    private_and_used_once,
)


def module(source: str, path: str = "portal/room/one.py") -> Module:
    return Module(path, source, ast.parse(source))


def test_a_private_function_counts_by_its_uses() -> None:
    private = "def _once(): ...\ndef _twice(): ...\ndef _never(): ...\n"
    found = module(f"{private}def public():\n    _once(), _twice(), _twice()\n")
    assert private_and_used_once(found) == ["_once"]


def test_lengths_are_those_of_methods_and_inner_functions_too() -> None:
    method = "    def longer(self):\n        def inner(): ...\n        return inner\n"
    found = module(f"def short():\n    pass\nclass A:\n{method}")
    figures = count_functions([found])
    assert figures["functions"] == "3"
    assert "2, 3, 3 (`longer`" in figures["lines of a function: median, 90th percentile, longest"]


def test_a_constant_has_as_many_meanings_as_values() -> None:
    rooms = [
        module("CHUNK = 500\nclass Row: ...\n", "portal/a/one.py"),
        module("CHUNK: int = 500\nclass Row: ...\nOPEN = 1\n", "portal/b/one.py"),
        module("OPEN = 2\nopen_ones = 3\n", "portal/c/one.py"),
        module("OPEN = 4\nclass Row: ...\n", "portal/sandbox/one.py"),
    ]
    figures = count_names(rooms)
    assert figures["class names with several meanings"] == "1 of 1 (Row 2×)"
    assert figures["constants with several meanings"] == "1 of 2 (OPEN 2×)"


@pytest.mark.parametrize(
    ("source", "number"), [("# one\nx = 1  # not alone\n    # two\n", 2), ('"""# none"""\n', 0)]
)
def test_comment_lines_hold_nothing_else(source: str, number: int) -> None:
    assert count_comment_lines(source) == number


def test_a_file_without_code_is_no_module(tmp_path: Path) -> None:
    (tmp_path / "portal").mkdir()
    for name, source in {
        "portal/__init__.py": '"""Only words."""\n',
        "portal/one.py": "from __future__ import annotations\n\nx = 1\n",
        "config.py": "y = 2\n",
        "worker.py": "",
    }.items():
        (tmp_path / name).write_text(source, "utf-8")
    assert [found.path for found in find_modules(tmp_path)] == ["config.py", "portal/one.py"]
