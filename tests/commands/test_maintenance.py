"""`rotate-secrets`: old secrets under a new key, bound to their rows as before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from portal.commands.maintenance import SEALED
from portal.models import Activation, Base, User
from portal.security.vault import Sealed, Vault
from tests.builders import Build, fresh

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SECRET = {"password": "canary-of-the-server"}


@pytest.fixture
def both_keys(app: Flask) -> Iterator[None]:
    """The new key first, the old one still known."""
    before = app.extensions["vault"]
    app.extensions["vault"] = Vault([NEW, OLD])
    yield
    app.extensions["vault"] = before


def sealed_activation(build: Build) -> Activation:
    activation = build.activation(build.dealer())
    activation.secrets = Vault([OLD]).seal(activation.id, SECRET)
    build.session.commit()
    return activation


@pytest.mark.usefixtures("both_keys")
def test_afterwards_the_new_key_alone_opens_everything(
    build: Build, session: Session, runner: FlaskCliRunner
) -> None:
    activation, user = sealed_activation(build), build.sam()
    user.totp_secret = Vault([OLD]).seal(user.id, {"secret": "ABC"})
    session.commit()
    result = runner.invoke(args=["rotate-secrets"])
    assert (result.exit_code, result.output.split()[0]) == (0, "2")
    new = Vault([NEW])
    assert new.open(activation.id, fresh(session, Activation, activation.id).secrets) == SECRET
    assert new.open(user.id, fresh(session, User, user.id).totp_secret) == {"secret": "ABC"}


def test_without_the_old_key_nothing_is_changed(
    build: Build, session: Session, runner: FlaskCliRunner
) -> None:
    activation = sealed_activation(build)
    before = activation.secrets
    result = runner.invoke(args=["rotate-secrets"])
    assert result.exit_code == 1
    assert "keep the old key" in result.output
    assert fresh(session, Activation, activation.id).secrets == before


def test_no_sealed_column_is_forgotten() -> None:
    """Columns that hold something sealed say so in their names."""
    named = {
        (mapper.class_.__name__, column.key)
        for mapper in Base.registry.mappers
        for column in mapper.columns
        if column.key.endswith(("secret", "secrets", "sealed")) and column.key != "require_second_factor"
        if mapper.class_.__name__ != "AccessToken"  # a token lives for minutes and is asked for anew
    }
    assert named == {(kind.__name__, column.key) for kind, column in SEALED}


def test_a_secret_copied_to_another_row_does_not_open() -> None:
    from uuid import uuid4

    vault = Vault([OLD])
    sealed = vault.seal(uuid4(), SECRET)
    assert "canary" not in sealed
    with pytest.raises(Sealed, match="another row"):
        vault.open(uuid4(), sealed)


def test_nothing_is_sealed_as_nothing() -> None:
    from uuid import uuid4

    assert Vault([OLD]).seal(uuid4(), {}) == ""
    assert Vault([OLD]).open(uuid4(), "") == {}
