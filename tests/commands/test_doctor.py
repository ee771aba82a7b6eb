"""`doctor`: every line says ok or what to do, and the exit status tells a monitor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskCliRunner
from redis import Redis
from sqlalchemy import text

from config import Settings
from portal import create_app
from portal.commands import doctor
from portal.security.vault import Vault
from tests.builders import Build


def lines(runner: FlaskCliRunner, *options: str) -> tuple[int, dict[str, str]]:
    result = runner.invoke(args=["doctor", *options])
    parted = (line.partition(": ") for line in result.output.splitlines())
    return result.exit_code, {name: answer for name, _, answer in parted}


@pytest.fixture
def with_schema(app: Flask, build: Build) -> Iterator[None]:
    """The tests build the schema from the models; here it says which revision that is."""
    newest = doctor.ScriptDirectory(str(doctor.MIGRATIONS)).get_current_head()
    build.session.execute(text("CREATE TABLE alembic_version (version_num text)"))
    build.session.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": newest})
    build.session.commit()
    yield
    build.session.execute(text("DROP TABLE alembic_version"))
    build.session.commit()


@pytest.mark.usefixtures("with_schema")
def test_each_line_is_ok_or_says_what_to_do(runner: FlaskCliRunner, app: Flask) -> None:
    code, said = lines(runner)
    assert code == 1
    assert list(said) == [*dict(doctor.QUESTIONS), "mail"]
    for well in ("database", "migrations", "time", "waiting", "keys"):
        assert said[well].startswith("ok, "), said[well]
    assert said["redis"].startswith("WRONG, Redis does not answer")
    assert "REDIS_URL" in said["redis"]
    assert "mobile-de" in said["platforms"]
    assert said["mail"] == "not tried; --mail-to ADDRESS sends a test message"


def test_a_schema_of_another_version_is_named(runner: FlaskCliRunner) -> None:
    _, said = lines(runner)
    assert said["migrations"].startswith("WRONG, the schema is at nothing, this version needs ")
    assert "flask db upgrade" in said["migrations"]


def test_secrets_that_no_key_opens_are_counted(runner: FlaskCliRunner, build: Build) -> None:
    activation = build.activation(build.dealer())
    activation.secrets = Vault([Fernet.generate_key().decode()]).seal(activation.id, {"password": "x"})
    build.session.commit()
    _, said = lines(runner)
    assert said["keys"].startswith("WRONG, 1 of 1 secrets do not open")


def test_a_worker_that_is_missing_is_named(
    runner: FlaskCliRunner, app: Flask, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "redis", Redis.from_url(valkey_url))
    _, said = lines(runner)
    assert said["redis"].startswith("ok, version ")
    assert said["workers"].startswith(("WRONG, none is alive: systemctl start portal-worker", "ok, "))


def test_a_mail_server_that_does_not_answer_is_named(runner: FlaskCliRunner, app: Flask) -> None:
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, smtp_url="smtp://127.0.0.1:1")
    try:
        _, said = lines(runner, "--mail-to", "ops@portal.example.org")
    finally:
        app.extensions["settings"] = before
    assert said["mail"].startswith("WRONG, the mail server says: ")
    assert "SMTP_URL" in said["mail"]


def test_without_a_database_the_other_questions_are_answered_all_the_same(settings: Settings) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1"
    code, said = lines(create_app(replace(settings, database_url=nowhere)).test_cli_runner())
    assert code == 1
    assert said["database"].startswith("WRONG, the database refuses: ")
    assert said["disk"].startswith(("ok, ", "WRONG, only "))
