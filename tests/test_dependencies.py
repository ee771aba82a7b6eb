"""A server installs what a server needs, and nothing of what only development does."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from portal.embedded import NOT_INSTALLED

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
WITHOUT = """
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, NotInstalled())
"""
IMPORT_ALL = """
import importlib, pkgutil
import config, worker, portal
LATER = ("portal.sandbox", "portal.launch")
for module in pkgutil.walk_packages(portal.__path__, "portal."):
    if not module.name.startswith(LATER):
        importlib.import_module(module.name)
"""
START_WITHOUT_DATABASE = """
from portal import create_app
create_app()
"""


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert found
    return found.group().casefold()


def modules_of_extras() -> set[str]:
    """What `embedded` and `sandbox` bring, by the names under which it is imported."""
    wanted = {name_of(one) for extra in ("embedded", "sandbox") for one in EXTRAS[extra]}
    found = {
        module
        for module, projects in packages_distributions().items()
        if {project.casefold() for project in projects} & wanted
    }
    assert len(found) >= len(wanted)
    return found


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = WITHOUT.format(missing=modules_of_extras()) + code
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True
    )


def test_portal_worker_and_commands_are_imported_without_the_extras() -> None:
    result = run(IMPORT_ALL)
    assert result.returncode == 0, result.stderr


def test_the_sandbox_is_not(tmp_path: Path) -> None:
    """So the test above would notice."""
    assert run("import portal.sandbox.server").returncode != 0


def test_whoever_names_no_database_is_told_what_to_do(tmp_path: Path) -> None:
    result = run(START_WITHOUT_DATABASE, PORTAL_DATA_DIR=str(tmp_path))
    assert result.returncode != 0
    assert NOT_INSTALLED in result.stderr


def test_make_installs_the_extras_and_a_server_does_not() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "'.[embedded,sandbox]'" in makefile
    assert "'.[dev,embedded,sandbox]'" in makefile
    assert 'tools/install.sh "" .venv .\n' in (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_every_library_says_why() -> None:
    decisions = (ROOT / "docs" / "decisions.md").read_text("utf-8")
    tables = decisions.split("## Libraries")[1].split("\n## ")[0].casefold()
    needed = [*PROJECT["dependencies"], *EXTRAS["embedded"], *EXTRAS["sandbox"]]
    reasons = [row.split("|")[2] for row in tables.splitlines() if row.count("|") == 4]
    words = set(re.findall(r"[a-z0-9-]+", " ".join(reasons)))
    assert [name for name in map(name_of, needed) if name.removesuffix("[binary]") not in words] == []
