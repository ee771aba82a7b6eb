"""What a process loads at its start: not what others need, nor what hardly anybody ever does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("loaded modules")
"""Where several processes share the tests, one of them asks, and each start once."""
ROOT = Path(__file__).parents[1]
RARE = ("openpyxl", "ftfy", "zxcvbn")
"""Megabytes of tables for a workbook, a spoilt text, a new password."""
DEVELOPMENT = ("portal.sandbox", "portal.launching.supervisor", "pyftpdlib", "aiosmtpd", "waitress")
PAGES = ("portal.blueprints", "wtforms", "flask_wtf", "alembic")
SERVER_OF_FOLDERS = ("portal.drop_folders.server", "asyncssh")
NOT_NEEDED: dict[str, tuple[str, ...]] = {
    "portal.application": (*RARE, *DEVELOPMENT, *SERVER_OF_FOLDERS),
    "worker": (*RARE, *DEVELOPMENT, *PAGES, *SERVER_OF_FOLDERS, "flask", "portal.demo", "portal.commands"),
    "portal.live.__main__": (
        *(*RARE, *DEVELOPMENT, *SERVER_OF_FOLDERS, "portal.blueprints", "portal.demo", "portal.commands"),
        *("portal.exports", "portal.vehicles", "portal.platforms", "portal.delivery", "PIL", "paramiko"),
    ),
    "portal.drop_folders.__main__": (*RARE, *DEVELOPMENT, *PAGES, "flask", "portal.demo", "portal.commands"),
    "portal.sandbox.__main__": (*RARE, *PAGES, "sqlalchemy", "portal.models", "portal.platforms"),
    "portal.launch": (*RARE, *PAGES, "portal.sandbox", "flask", "sqlalchemy", "portal.demo", "portal.models"),
}


@cache
def loaded_by(module: str) -> frozenset[str]:
    code = f"import {module}, sys; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return frozenset(done.stdout.split())


def within(names: Iterable[str], packages: Iterable[str]) -> set[str]:
    return {package for package in packages if any(f"{name}.".startswith(f"{package}.") for name in names)}


@pytest.mark.parametrize("module", NOT_NEEDED)
def test_a_process_loads_nothing_that_it_does_not_need(module: str) -> None:
    assert within(loaded_by(module), NOT_NEEDED[module]) == set()


@pytest.mark.parametrize("module", ["portal.application", "worker", "portal.live.__main__"])
def test_the_fork_server_has_loaded_it_for_all(module: str) -> None:
    """What is missing there is loaded, and kept, by each of its forks."""
    shared = loaded_by("portal.launching.preloaded")
    assert {name for name in loaded_by(module) - shared if name.startswith("portal")} <= {module}
    assert within(shared, ("portal.sandbox", *RARE)) == set()
