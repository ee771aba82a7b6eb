"""How much of the plan is used, beside the menu of the settings."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from portal.models import User
from tests.builders import Build

Login = Callable[[User], FlaskClient]


def test_each_limit_is_shown_with_what_is_used(build: Build, login: Login) -> None:
    dealer = build.dealer()
    dealer.max_active_apps, dealer.max_exported_vehicles, dealer.max_users = 10, 1300, 5
    for number in range(2):
        app = build.activation(dealer, customer_number=f"471100{number}")
        build.release(build.vehicle(dealer), app)
    page = login(build.alice(dealer)).get("/settings/export").text
    assert "Ihr Tarif: 2 von 10 Apps, 2 von 1.300 Fahrzeuge, 1 von 5 Nutzer" in page
    bob = login(build.user("bob", dealer, rights=("view",)))
    assert "Ihr Tarif" not in bob.get("/settings/notifications").text


def test_without_limits_nothing_is_said(build: Build, login: Login) -> None:
    dealer = build.dealer()
    assert "Ihr Tarif" not in login(build.alice(dealer)).get("/settings/export").text
    dealer.max_users = 3
    build.session.commit()
    anna = login(build.user("anna", dealer, rights=("view", "settings")))
    assert "Ihr Tarif: 2 von 3 Nutzer<" in anna.get("/settings/locations").text
