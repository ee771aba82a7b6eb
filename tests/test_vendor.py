"""Third-party files are what their list says, icons are all there, pages stay light."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.models import User
from portal.web.assets import IMMUTABLE
from static.vendor.build_sprite import SPRITE, used_icons
from tests.builders import Build

ROOT = Path(__file__).parents[1]
VENDOR = ROOT / "static" / "vendor"
OURS = {"README.md", "build_sprite.py", "__init__.py"}
FIRST_VIEW = 200_000

_ROW = re.compile(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.MULTILINE)
LISTED = dict(_ROW.findall((VENDOR / "README.md").read_text("utf-8")))


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", LISTED)
def test_a_vendored_file_is_the_published_one(name: str) -> None:
    assert sha256(VENDOR / name) == LISTED[name]


def test_every_vendored_file_is_listed() -> None:
    files = {str(file.relative_to(VENDOR)) for file in VENDOR.rglob("*") if file.is_file()}
    assert {name for name in files if "__pycache__" not in name} - OURS == LISTED.keys()


def test_every_icon_used_is_in_the_sprite_and_no_other() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text("utf-8")))
    assert used_icons() == drawn


def test_icons_are_found_in_all_their_spellings(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "portal").mkdir()
    (tmp_path / "templates" / "a.html").write_text(
        "{{ icon('one') }}{{ svg(\"two\") }}{% call empty(icon='three') %}"
    )
    (tmp_path / "portal" / "b.py").write_text('icon: str = "four"\nicon="five"')
    assert used_icons(tmp_path) == {"one", "two", "three", "four", "five"}


def test_static_files_are_kept_for_ever_under_the_hash_of_their_content(client: FlaskClient) -> None:
    page = client.get("/login").text
    address = re.search(r'href="(/static/portal\.css\?v=([0-9a-f]{12}))"', page)
    assert address
    assert sha256(ROOT / "static" / "portal.css").startswith(address[2])
    with client.get(address[1]) as answer:
        assert answer.headers["Cache-Control"] == IMMUTABLE
    with client.get("/static/portal.css") as answer:
        assert answer.headers["Cache-Control"] != IMMUTABLE


def test_the_first_view_stays_light(build: Build, login: Callable[[User], FlaskClient]) -> None:
    client = login(build.alice(build.dealer()))
    page = client.get("/help")
    weight = len(gzip.compress(page.data))
    for address in set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text)):
        with client.get(address) as answer:
            weight += len(gzip.compress(answer.data))
    assert weight < FIRST_VIEW


def test_no_page_has_inline_script_or_style() -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"|hx-on|javascript:", re.IGNORECASE
    )
    jinja = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
    templates = [file for file in (ROOT / "templates").rglob("*.html") if file.parent.name != "mails"]
    assert templates
    assert not [file.name for file in templates if inline.search(jinja.sub("", file.read_text("utf-8")))]


def test_the_own_stylesheet_stays_small() -> None:
    assert len((ROOT / "static" / "portal.css").read_text("utf-8").splitlines()) < 450
