"""What a process writes to its log, and what it must not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from portal.extensions import db
from tests.platforms.conftest import peer
from tests.platforms.peer import Peer
from tests.waiting import PATIENCE

__all__ = ["peer"]

ROOT = Path(__file__).parents[1]
SAYS = """
import logging, httpx, sys
from config import Settings
from portal import logs
logs.configure(Settings(production=sys.argv[2] == "production", secret_key="s" * 40))
answer = httpx.get(sys.argv[1] + "?token=canary", trust_env=False)
logging.getLogger("portal").info("asked, %s", answer.status_code)
"""


@pytest.mark.parametrize("surroundings", ["development", "production"])
def test_addresses_that_are_asked_stay_out_of_the_log(surroundings: str, peer: Peer) -> None:
    command = [sys.executable, "-c", SAYS, peer.url, surroundings]
    said = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True
    ).stderr
    assert len(peer.asked) == 1
    assert "canary" not in said
    [line] = said.splitlines()
    message = json.loads(line)["message"] if surroundings == "production" else line
    assert message.endswith("asked, 404")


def test_values_of_a_statement_that_fails_stay_out_of_the_error(app: Flask) -> None:
    with app.app_context(), pytest.raises(StatementError) as error:
        db.session.execute(text("SELECT 1 / 0 WHERE :value <> ''"), {"value": "canary"})
    assert "SELECT 1 / 0" in str(error.value)
    assert "canary" not in str(error.value)
