"""The accessibility checker is the published one."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parent / "vendor"
_ROW = re.compile(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.MULTILINE)


def test_the_checker_is_the_published_one() -> None:
    listed = dict(_ROW.findall((VENDOR / "README.md").read_text("utf-8")))
    held = {file for file in VENDOR.iterdir() if file.name != "README.md"}
    assert {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in held} == listed
