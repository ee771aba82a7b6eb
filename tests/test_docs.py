"""What the documents point to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted((*ROOT.glob("docs/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"))
FOLDERS = ("portal", "templates", "static", "tests", "tools", "bench", "deploy", "docs", "migrations", ".ci")
NAMED = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|html|sh|css|js|md|toml|conf|service))`")
"""A file, or the end of its path."""
NOWHERE = re.compile(r"/example_market/|^request\.py$")
"""The platform that docs/adding-a-platform.md adds, and a name that is explained by not being there."""


def missing(document: str, paths: list[str]) -> set[str]:
    ends = {f"/{path}" for path in paths}
    named = {name for name in NAMED.findall(document) if not NOWHERE.search(name)}
    return {name for name in named if not any(path.endswith(f"/{name}") for path in ends)}


def all_paths() -> list[str]:
    files = [*ROOT.glob("*"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    return [path.relative_to(ROOT).as_posix() for path in files if path.is_file()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    assert missing(document.read_text("utf-8"), all_paths()) == set()


def test_a_file_that_has_gone_is_found() -> None:
    text = "As `planning/plan.py` and `drain.py` do, not `xplan.py`."
    assert missing(text, ["portal/exports/planning/plan.py"]) == {"drain.py", "xplan.py"}
