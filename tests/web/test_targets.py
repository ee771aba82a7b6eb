"""Where data go to or come from, as a form states it: which secrets stay, which are void, which key holds."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from portal.sources.settings import FIELDS
from portal.web.targets import (
    PLACEHOLDER,
    StatedSettings,
    chosen_secrets,
    confirmed_key,
    forget_name,
    read_settings,
    unconfirmed_key,
)

BEFORE = {
    "transport": "sftp",
    "host": "a.example",
    "user": "anna",
    "file_name": "b.csv",
    "schedule": ["05:00"],
}
STORED = {"password": "geheim"}


@pytest.fixture(autouse=True)
def _language(app: Flask) -> Any:
    with app.test_request_context():
        yield


def stated(typed: dict[str, str], **changed: Any) -> StatedSettings:
    return read_settings(FIELDS, BEFORE | changed, MultiDict(typed), STORED, BEFORE)


@pytest.mark.parametrize("typed", ["", "  ", PLACEHOLDER])
def test_a_secret_that_nobody_typed_anew_stays(typed: str) -> None:
    found = stated({"password": typed})
    assert chosen_secrets(found.secrets, found.kept, STORED) == STORED
    assert found.errors == {}
    assert "password" not in found.settings


def test_what_is_typed_replaces_it_and_the_box_takes_it_away() -> None:
    typed, forgotten = stated({"password": "neu"}), stated({forget_name("password"): "1", "password": "neu"})
    assert chosen_secrets(typed.secrets, typed.kept, STORED) == {"password": "neu"}
    assert chosen_secrets(forgotten.secrets, forgotten.kept, STORED) == {}


@pytest.mark.parametrize("changed", [{"host": "b.example"}, {"user": "bob"}, {"port": "2222"}])
def test_for_another_target_it_is_void_and_asked_for(changed: dict[str, str]) -> None:
    found = stated({}, **changed)
    assert found.kept == frozenset()
    assert set(found.errors) == {"password"}
    assert stated({"password": "neu"}, **changed).errors == {}


def test_the_same_target_at_another_time_keeps_it() -> None:
    assert stated({}, schedule=["06:00"]).kept == {"password"}


def test_a_key_is_looked_at_for_each_server() -> None:
    key = "ssh-ed25519 SHA256:" + "a" * 43
    assert confirmed_key({"host_key": key}) == key
    assert confirmed_key({"host_key": "anything else"}) == ""
    assert set(unconfirmed_key("", BEFORE, "", None)) == {"host"}
    assert unconfirmed_key(key, BEFORE, key, BEFORE) == {}
    assert set(unconfirmed_key(key, BEFORE | {"host": "b.example"}, key, BEFORE)) == {"host"}
    other = "ssh-ed25519 SHA256:" + "b" * 43
    assert unconfirmed_key(other, BEFORE | {"host": "b.example"}, key, BEFORE) == {}
