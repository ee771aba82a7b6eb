"""docs/operations.md, followed word by word (tools/follow_operations.py); its libraries are here already."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import open_folder
from tests.programs import AS_ON_A_SERVER, plain_environment
from tools.follow_operations import PAGE, blocks

pytestmark = AS_ON_A_SERVER
ROOT = Path(__file__).parents[1]
PATIENCE = 580


def test_every_block_can_be_read_by_bash() -> None:
    read = list(blocks(PAGE.read_text("utf-8")))
    assert len(read) == PAGE.read_text("utf-8").count("```sh\n")
    for block in read:
        done = subprocess.run(["bash", "-n"], input=block.commands, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), block.place


def test_a_block_is_for_all_machines_unless_the_line_above_says_so() -> None:
    announced = "# Install\n*Only here:*\n\n```sh\nfirst\n```\n"
    page = announced + "\n1. Then\n\n   ```sh\n   second\n   ```\n\n```\nno shell\n```\n"
    found = [(block.heading, block.commands, block.only) for block in blocks(page)]
    assert found == [("Install", "first\n", "Only here"), ("Install", "second\n", "")]


def test_whoever_follows_the_page_has_a_portal_that_sends_and_one_that_was_restored() -> None:
    command = [sys.executable, "-m", "tools.follow_operations", "--python", sys.executable]
    environment = plain_environment(TMPDIR=str(open_folder()))
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the vehicle is online" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("The portal answers from portal_restored")
    assert "not run  " in done.stdout
