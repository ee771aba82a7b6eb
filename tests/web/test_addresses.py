"""Addresses that every page leads to, and those of static files."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import flask
import pytest
from flask import Flask

from portal.web.addresses import pattern, url_for
from portal.web.assets import asset
from tests.waiting import until


@pytest.mark.parametrize("root", ["", "/portal"])
def test_an_address_is_flasks_own_wherever_the_portal_is_mounted(app: Flask, root: str) -> None:
    with app.test_request_context(base_url=f"http://localhost{root}"):
        assert url_for("help.page") == flask.url_for("help.page") == f"{root}/help"
        assert url_for("help.page", q="x") == flask.url_for("help.page", q="x")
        for _ in range(2):
            keys = {"image_id": uuid4(), "vehicle_id": uuid4(), "before": uuid4()}
            for more in ({}, {"size": "a&b"}):
                expected = flask.url_for("vehicles.thumbnail", **more, **keys)
                assert url_for("vehicles.thumbnail", **more, **keys) == expected
                assert pattern("vehicles.thumbnail", *keys, **more).format(*keys.values()) == expected


def test_a_file_that_was_written_anew_has_another_address(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "static_folder", str(tmp_path))
    file = tmp_path / "page.css"
    file.write_text("a")
    with app.test_request_context():
        before = asset("page.css")
        assert asset("page.css") == before
        file.write_text("b")
        os.utime(file, (1, 1))
        until(lambda: asset("page.css") != before)
