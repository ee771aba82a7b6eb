"""People and a vehicle that is on its way to a platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Activation, Dealer, Transfer, User, Vehicle
from portal.models.exports import TransferState
from tests.builders import Build


@dataclass
class Yard:
    """Autohaus Alice with one released vehicle and an active app."""

    dealer: Dealer
    vehicle: Vehicle
    activation: Activation

    @property
    def url(self) -> str:
        return f"/vehicles/{self.vehicle.id}"


@pytest.fixture
def yard(build: Build) -> Yard:
    dealer = build.dealer()
    vehicle, activation = build.vehicle(dealer), build.activation(dealer)
    build.release(vehicle, activation)
    return Yard(dealer, vehicle, activation)


@pytest.fixture
def alice(build: Build, yard: Yard, login: Callable[[User], FlaskClient]) -> FlaskClient:
    return login(build.alice(yard.dealer))


@pytest.fixture
def bob(build: Build, yard: Yard, login: Callable[[User], FlaskClient]) -> FlaskClient:
    return login(build.bob(yard.dealer))


@pytest.fixture
def charlie(build: Build, login: Callable[[User], FlaskClient]) -> FlaskClient:
    return login(build.charlie())


@pytest.fixture
def sam(build: Build, login: Callable[[User], FlaskClient]) -> FlaskClient:
    return login(build.sam())


def version(client: FlaskClient, url: str) -> str:
    """The hidden version of the form on this page."""
    return hidden(client.get(url).text, "version")


def base(client: FlaskClient, url: str) -> str:
    """The hidden facts from which the data form on this page was made."""
    return hidden(client.get(url).text, "base")


def hidden(page: str, name: str) -> str:
    return unescape(page.split(f'name="{name}" value="')[1].split('"')[0])


def waiting(session: Session) -> list[Transfer]:
    session.expire_all()
    return list(session.scalars(select(Transfer).where(Transfer.state == TransferState.WAITING)))


def save(client: FlaskClient, url: str, **typed: Any) -> Any:
    """Fill in the form as it is on the page and send it."""
    return client.post(url, data={"base": base(client, url)} | typed)


@pytest.fixture
def app_context(app: Flask) -> Iterator[None]:
    """For messages outside a request."""
    with app.test_request_context():
        yield
