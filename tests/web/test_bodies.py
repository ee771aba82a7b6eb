"""Forms are small; files are for those who are logged in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.models import User, VehicleImport
from portal.web.bodies import LARGEST_FORM
from tests.builders import Build
from tests.test_url_map import SAFE, calls

Login = Callable[[User], FlaskClient]


def upload(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """A form with a file that is larger than a form may be."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}' for name in fields]
    file = '--x\r\nContent-Disposition: form-data; name="file"; filename="stock.csv"\r\n\r\n'
    body = "\r\n".join([*parts, file + " " * LARGEST_FORM, "--x--\r\n"]).encode()
    return client.post(path, data=body, content_type="multipart/form-data; boundary=x")


@pytest.mark.parametrize("path", ["/login", "/password/forgotten"])
def test_nobody_sends_a_large_body(client: FlaskClient, path: str) -> None:
    assert upload(client, path, login="alice").status_code == 413


def test_nobody_uploads_a_stock(client: FlaskClient) -> None:
    assert upload(client, "/vehicles/import").status_code == 303


def test_whoever_is_logged_in_may_send_a_large_file_where_one_is_wanted(
    build: Build, session: Session, login: Login
) -> None:
    dealer = build.dealer()
    alice, place = login(build.alice(dealer)), str(dealer.locations[0].id)
    assert upload(alice, "/account", name="Alice").status_code == 413
    assert upload(alice, "/vehicles/import", location=place, scope="partial").status_code != 413
    assert session.scalars(select(VehicleImport)).one().file_name == "stock.csv"


def test_only_imports_and_pictures_take_files(app: Flask, build: Build) -> None:
    unsafe = [call for call in calls(app) if call.method not in SAFE]
    taking = {
        call.rule.endpoint
        for call in unsafe
        if getattr(app.view_functions[call.rule.endpoint], "takes_files", False)
    }
    assert taking == {"vehicles.import_file", "vehicles.preview_file", "vehicles.add_images"}
