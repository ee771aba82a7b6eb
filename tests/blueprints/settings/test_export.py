"""Einstellungen → Export: what holds everywhere, who hears of a lock, what an app releases by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Activation, Dealer, Publication, Transfer, User
from portal.models.exports import ActivationState
from portal.vehicles.stock import create_vehicle
from tests.blueprints.settings.conftest import logged, save, version_of
from tests.builders import Build, fresh, golf
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]
HERE = "/settings/export"
ON = {
    "release_new_vehicles": "1",
    "platform_prices": "1",
    "export_vin": "1",
    "export_trade_ins": "1",
    "mild_hybrid_as": "combustion",
}
"""The form as a new dealer finds it."""


@pytest.fixture
def active(build: Build, house: Dealer) -> Activation:
    found: Activation = build.activation(house, settings={"kinds": {"used": 0, "new": 14}})
    return found


def presets(activation: Activation) -> str:
    return f"{HERE}/{activation.id}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("release_new_vehicles", False),
        ("platform_prices", False),
        ("export_vin", False),
        ("export_trade_ins", False),
        ("mild_hybrid_as", "hybrid"),
    ],
)
def test_each_setting_is_kept_and_logged(
    session: Session, house: Dealer, alice: FlaskClient, field: str, value: Any
) -> None:
    before = getattr(house, field)
    form = {name: text for name, text in ON.items() if name != field} | ({field: value} if value else {})
    assert save(alice, HERE, **form).status_code == 303
    assert getattr(fresh(session, Dealer, house.id), field) == value
    [event] = logged(session)
    assert (event.what, event.dealer_id, event.actor) == ("settings.changed", house.id, "Alice")
    assert (event.object_label, event.detail) == ("Export", {field: [before, value]})


def test_the_form_shows_what_is_stored(session: Session, house: Dealer, alice: FlaskClient) -> None:
    save(alice, HERE, export_vin="1", mild_hybrid_as="hybrid")
    page = alice.get(HERE).text
    checked = {name for name in ON if re.search(rf'name="{name}"[^>]* checked', page)} - {"mild_hybrid_as"}
    assert checked == {"export_vin"}
    assert 'name="mild_hybrid_as" value="hybrid" checked' in page


def test_nothing_changed_is_said_and_not_logged(session: Session, alice: FlaskClient) -> None:
    assert "Es gab nichts zu ändern." in alice.get(save(alice, HERE, **ON).location).text
    assert logged(session) == []


def test_a_change_goes_out_and_rings(
    app: Any, build: Build, session: Session, house: Dealer, active: Activation, alice: FlaskClient
) -> None:
    build.release(build.vehicle(house), active)
    rung: list[Any] = []
    app.extensions["ring"] = lambda ids, _line=None: rung.extend(ids)
    save(alice, HERE, **{name: text for name, text in ON.items() if name != "export_vin"})
    assert rung == [active.id]
    [row] = session.scalars(select(Transfer)).all()
    assert (row.state, row.trigger) == ("waiting", "by_hand")


def test_two_tabs_do_not_overwrite_each_other_unseen(
    session: Session, house: Dealer, alice: FlaskClient
) -> None:
    first = version_of(alice.get(HERE).text)
    without_vin = {name: text for name, text in ON.items() if name != "export_vin"}
    save(alice, HERE, **without_vin)
    refused = alice.post(HERE, data=ON | {"version": first, "mild_hybrid_as": "hybrid"})
    assert refused.status_code == 422
    assert "Inzwischen wurde hier etwas geändert" in refused.text
    assert "Fahrgestellnummer (FIN) exportieren: jetzt nein, bei Ihnen ja" in refused.text
    assert fresh(session, Dealer, house.id).export_vin is False
    again = alice.post(HERE, data=ON | {"version": version_of(refused.text), "mild_hybrid_as": "hybrid"})
    assert again.status_code == 303
    assert fresh(session, Dealer, house.id).export_vin is True


def test_only_active_people_of_the_house_can_be_picked(
    build: Build, session: Session, house: Dealer, alice: FlaskClient, alice_row: User
) -> None:
    bob, gone = build.bob(house), build.user("gone", house, active=False)
    charlie = build.charlie()
    page = alice.get(HERE).text
    assert "Bob" in page
    assert "Gone" not in page
    assert "keine Mailadresse, nur im Portal" in page
    picked = [str(user.id) for user in (bob, gone, charlie)] + ["nonsense"]
    save(alice, HERE, **ON, inform_on_lock=picked)
    assert fresh(session, Dealer, house.id).inform_on_lock == [bob.id]
    [event] = logged(session)
    assert event.detail == {"inform_on_lock": [[], ["Bob"]]}
    save(alice, HERE, **ON, inform_on_lock=[str(alice_row.id), str(bob.id)])
    assert fresh(session, Dealer, house.id).inform_on_lock == [bob.id, alice_row.id]
    assert len(logged(session)) == 2


def test_a_value_that_is_none_changes_nothing(session: Session, house: Dealer, alice: FlaskClient) -> None:
    save(alice, HERE, **ON | {"mild_hybrid_as": "'; DROP TABLE dealer"})
    assert fresh(session, Dealer, house.id).mild_hybrid_as == "combustion"


def test_the_apps_say_what_they_release(
    build: Build, house: Dealer, active: Activation, alice: FlaskClient
) -> None:
    build.activation(house, customer_number="4711002", state=ActivationState.DEACTIVATED)
    page = alice.get(HERE).text
    assert "Gebrauchtwagen sofort, Neuwagen nach 14 Standtagen" in page
    assert "4711002" not in page


def test_the_page_asks_few_questions(build: Build, house: Dealer, alice: FlaskClient) -> None:
    for number in range(6):
        build.activation(house, customer_number=f"471100{number}")
    alice.get(HERE)
    with count_queries() as queries:
        alice.get(HERE)
    assert len(queries) == 4


def test_presets_act_on_new_vehicles_only(
    app: Any, build: Build, session: Session, house: Dealer, active: Activation, alice: FlaskClient
) -> None:
    demonstrator = build.vehicle(house, kind="demonstrator")
    form = {"kinds-used": "1", "kinds-used-days": "3", "kinds-demonstrator": "1", "counts_for_warning": "1"}
    assert save(alice, presets(active), **form).status_code == 303
    assert fresh(session, Activation, active.id).settings["kinds"] == {"used": 3, "demonstrator": 0}
    added = create_vehicle(session, house, house.locations[0], golf(kind="demonstrator"))
    session.commit()
    released = dict(session.execute(select(Publication.vehicle_id, Publication.released)).all())
    assert released == {demonstrator.id: False, added.id: True}
    [event] = logged(session)
    assert event.object_id == active.id
    assert event.object_label == "mobile.de 4711001"
    assert event.detail == {"kinds": [{"used": 0, "new": 14}, {"used": 3, "demonstrator": 0}]}


def test_it_is_the_same_setting_as_in_the_activation_form(active: Activation, alice: FlaskClient) -> None:
    save(
        alice, presets(active), **{"kinds-classic": "1", "kinds-classic-days": "7", "counts_for_warning": "1"}
    )
    page = alice.get(f"/apps/{active.id}/settings").text
    assert 'name="kinds-classic" value="1" checked' in page
    assert 'name="kinds-classic-days" value="7"' in page


@pytest.mark.parametrize("days", ["-1", "1000", "viel", "1.5"])
def test_days_that_are_none_are_told_beside_the_field(
    session: Session, active: Activation, alice: FlaskClient, days: str
) -> None:
    refused = save(alice, presets(active), **{"kinds-used": "1", "kinds-used-days": days})
    assert refused.status_code == 422
    assert "Standtage von 0 bis 999 angeben." in refused.text
    assert f'value="{days}"' in refused.text
    assert fresh(session, Activation, active.id).settings["kinds"] == {"used": 0, "new": 14}


def test_two_tabs_of_an_app(session: Session, active: Activation, alice: FlaskClient) -> None:
    first = version_of(alice.get(presets(active)).text)
    save(alice, presets(active), **{"kinds-new": "1", "counts_for_warning": "1"})
    refused = alice.post(presets(active), data={"version": first, "kinds-used": "1"})
    assert refused.status_code == 422
    assert "Jetzt gespeichert: Neuwagen sofort" in " ".join(refused.text.split())
    assert fresh(session, Activation, active.id).settings["kinds"] == {"new": 0}


def test_an_app_that_does_not_count_turns_nothing_orange(
    build: Build, session: Session, house: Dealer, active: Activation, alice: FlaskClient
) -> None:
    problem = {
        "code": "energy-co2",
        "text": "CO₂-Klasse fehlt.",
        "field": "energy.co2_class",
        "who": "dealer",
    }
    build.release(build.vehicle(house, offer_number="ORANGE1"), active, problems=[problem])
    pages = {
        "list": ("/vehicles", "reasons-orange"),
        "filter": ("/vehicles?state=problem", "ORANGE1"),
        "cause": ("/vehicles?problem=energy-co2", "ORANGE1"),
        "problems": ("/problems", "CO₂-Klasse fehlt."),
        "badge": ("/apps", 'class="badge state state-red" title="Offene Punkte"'),
    }

    def seen() -> set[str]:
        return {name for name, (url, text) in pages.items() if text in alice.get(url).text}

    assert seen() == set(pages)
    save(alice, presets(active), **{"kinds-used": "1", "kinds-new": "1", "kinds-new-days": "14"})
    assert fresh(session, Activation, active.id).counts_for_warning is False
    assert seen() == set()
    assert "ORANGE1" in alice.get(f"/vehicles?state=incomplete&activation={active.id}").text
    assert logged(session)[-1].detail == {"counts_for_warning": [True, False]}


def test_a_deactivated_app_has_no_presets(build: Build, house: Dealer, alice: FlaskClient) -> None:
    ended = build.activation(house, state=ActivationState.DEACTIVATED)
    assert alice.get(presets(ended)).location == HERE
    assert alice.post(presets(ended), data={}).location == HERE


def test_whoever_may_not_change_settings_sees_his_own_only(build: Build, house: Dealer, login: Login) -> None:
    bob = login(build.bob(house))
    page = bob.get("/settings/notifications").text
    assert 'href="/settings/notifications"' in page
    assert HERE not in page
    assert bob.get(HERE).status_code == 403
