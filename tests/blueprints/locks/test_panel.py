"""The panel of a locked app: its numbers and vehicles, and the two ways out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.exports.mass_change.clearance import COSTLY_ONLY, SCOPE
from portal.models import Lock, Run, User
from portal.models.exports import ActivationState, LockEnd, LockRule, RunKind, RunState
from tests.blueprints.locks.conftest import REASON, Hall
from tests.builders import Build, fresh
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]
OPEN = {("waiting", True)}


@pytest.fixture
def alice(build: Build, hall: Hall, login: Login) -> FlaskClient:
    return login(build.alice(hall.dealer))


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def panel(client: FlaskClient, hall: Hall) -> str:
    """The text of the panel on the app's page."""
    page = client.get(hall.path).text
    return plain(page.partition('id="lock"')[2].partition("</section>")[0])


def form(lock: Lock, **changed: Any) -> dict[str, Any]:
    return {"lock_id": lock.id, "deletions": lock.deletions, "creations": lock.creations} | changed


def approve(client: FlaskClient, hall: Hall, lock: Lock, **changed: Any) -> Any:
    return client.post(f"{hall.path}/lock/approve", data=form(lock, **changed))


def told(client: FlaskClient, hall: Hall) -> str:
    """What the next page says of what was done."""
    return plain(client.get(hall.path).text)


def test_the_page_of_a_lock_belongs_to_my_apps(alice: FlaskClient, hall: Hall) -> None:
    hall.lock()
    page = alice.get(f"{hall.path}/lock").text
    assert 'href="/apps" aria-current="page"' in page


def test_it_comes_first_and_names_numbers_rule_and_vehicles(alice: FlaskClient, hall: Hall) -> None:
    hall.lock()
    page = alice.get(hall.path).text
    assert page.index('id="lock"') < page.index('id="app-head"')
    text = panel(alice, hall)
    assert "Übertragung gesperrt seit" in text
    assert "8 Löschungen standen an, mehr als die üblichen 6 bei 60 Inseraten." in text
    assert "<strong>8 Löschungen</strong>" in page
    assert "mehr als die üblichen <strong>6</strong>" in page
    assert "8 Inserate löschen und weiter übertragen" in text
    assert "Löschungen verwerfen" in text
    assert "bis zu 5, bei vielen Inseraten bis zu 10 % davon" in text
    assert text.count(REASON) == 8
    assert text.count("12.990 €") == 8


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            {"rule": LockRule.CREATIONS, "delete": 0, "create": 25},
            "25 Neuanlagen standen an, mehr als die üblichen 12 bei 60 Inseraten. Jedes neue Inserat",
        ),
        (
            {"rule": LockRule.EMPTIED, "delete": 3, "online": 3},
            "kein einziges Ihrer Fahrzeuge mehr: 3 Löschungen standen an.",
        ),
        ({"rule": LockRule.TRUNCATED, "delete": 1}, "war vermutlich abgeschnitten. 1 Löschung stand an."),
        ({"deletion_limit": 7}, "8 Löschungen standen an, bis zu 7 sind nach der letzten Freigabe erlaubt."),
        (
            {"rule": LockRule.CREATIONS, "delete": 0, "create": 25, "creation_limit": 20},
            "bis zu 20 sind nach der letzten Freigabe erlaubt.",
        ),
        (
            {"delete": 3, "deletions": 8, "deletions_done": 5},
            "bei 60 Inseraten. Davon sind 5 in den letzten 24 Stunden schon gelöscht.",
        ),
        (
            {"rule": LockRule.CREATIONS, "delete": 0, "create": 12, "creations": 13, "creations_done": 1},
            "Davon ist 1 in den letzten 24 Stunden schon angelegt.",
        ),
    ],
)
def test_each_rule_says_itself(alice: FlaskClient, hall: Hall, columns: dict[str, Any], said: str) -> None:
    hall.lock(**columns)
    assert said in panel(alice, hall)


@pytest.mark.parametrize(
    ("held", "yes", "no"),
    [
        ({"delete": 1}, "1 Inserat löschen und weiter übertragen", "Löschungen verwerfen"),
        ({"delete": 0, "create": 2}, "2 Inserate neu anlegen und weiter übertragen", "Neuanlagen verwerfen"),
        (
            {"delete": 1, "create": 2},
            "1 Inserate löschen, 2 neu anlegen und weiter übertragen",
            "Löschungen und Neuanlagen verwerfen",
        ),
    ],
)
def test_the_buttons_name_what_they_do(
    alice: FlaskClient, hall: Hall, held: dict[str, int], yes: str, no: str
) -> None:
    hall.lock(**held)
    text = panel(alice, hall)
    assert yes in text
    assert no in text


def test_it_compares_with_yesterday(alice: FlaskClient, hall: Hall) -> None:
    """Ten are online; one was created and three were deleted since: twelve a day ago."""
    hall.lock(delete=10)
    finished = datetime.now(UTC) - timedelta(hours=3)
    for action in ("create", "delete", "delete", "delete"):
        vehicle = hall.build.vehicle(hall.dealer)
        hall.build.transfer(vehicle, hall.activation, state="ok", action=action, finished_at=finished)
    long_ago = finished - timedelta(days=2)
    vehicle = hall.build.vehicle(hall.dealer)
    hall.build.transfer(vehicle, hall.activation, state="ok", action="delete", finished_at=long_ago)
    said = "Gestern um diese Zeit standen 12 Inserate bei mobile.de, jetzt sind es 10."
    assert f"{said} Nach der Übertragung wären es 0." in panel(alice, hall)


def test_an_app_that_is_new_has_no_yesterday(alice: FlaskClient, hall: Hall) -> None:
    hall.activation.activated_at = datetime.now(UTC)
    hall.lock()
    text = panel(alice, hall)
    assert "Gestern" not in text
    assert "Jetzt stehen 8 Inserate bei mobile.de." in text


def test_what_is_held_back_follows_the_setting(alice: FlaskClient, hall: Hall) -> None:
    hall.lock()
    assert "keine Neuanlage, keine Änderung, keine Löschung" in panel(alice, hall)
    hall.activation.settings = {SCOPE: COSTLY_ONLY}
    hall.session.commit()
    assert "Änderungen werden weiter übertragen" in panel(alice, hall)


def test_the_first_twenty_lead_to_all_of_them(alice: FlaskClient, hall: Hall) -> None:
    hall.lock(delete=125, create=5)
    assert panel(alice, hall).count(REASON) == 20
    assert "Alle 130 ansehen" in panel(alice, hall)
    first = alice.get(f"{hall.path}/lock").text
    assert first.count(REASON) == 100
    assert "Seite 1 von 2" in first
    assert f'href="{hall.path}/lock?page=2"' in first
    second = alice.get(f"{hall.path}/lock?page=2").text
    assert (second.count(REASON), second.count("Freigegeben und noch ohne Inserat")) == (25, 5)
    numbers = re.findall(r"/vehicles/([0-9a-f-]{36})", first + second)
    assert len(set(numbers)) == 130


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "3"])
def test_a_page_that_is_none_is_one_of_them(alice: FlaskClient, hall: Hall, page: str) -> None:
    hall.lock(delete=3)
    assert alice.get(f"{hall.path}/lock?page={page}").text.count(REASON) == 3


def test_the_other_tabs_have_one_line_of_it(alice: FlaskClient, hall: Hall) -> None:
    hall.lock()
    for tab in ("listings", "settings"):
        page = alice.get(f"{hall.path}/{tab}").text
        assert "8 Löschungen, mehr als die üblichen 6." in page
        assert f'href="{hall.path}#lock"' in page
        assert REASON not in page


def test_without_a_lock_the_page_leads_to_the_app(alice: FlaskClient, hall: Hall) -> None:
    answer = alice.get(f"{hall.path}/lock")
    assert (answer.status_code, answer.headers["Location"]) == (303, hall.path)
    assert 'id="lock"' not in alice.get(hall.path).text


def test_queries_do_not_grow(alice: FlaskClient, hall: Hall) -> None:
    lock = hall.lock(delete=2)
    counts = []
    for path in (hall.path, f"{hall.path}/lock", f"{hall.path}/listings"):
        with count_queries() as few:
            alice.get(path)
        counts.append(len(few))
    hall.grow(lock, 40)
    for path, expected in zip((hall.path, f"{hall.path}/lock", f"{hall.path}/listings"), counts, strict=True):
        with count_queries() as many:
            alice.get(path)
        assert len(many) == expected, path
    assert counts[1] <= 6
    hall.activation.state = ActivationState.ACTIVE
    hall.session.commit()
    with count_queries() as unlocked:
        alice.get(hall.path)
    assert counts[0] - len(unlocked) == 3


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            LockRule.DELETIONS,
            "In der neuen Datei fehlen 8 Fahrzeuge, mehr als die üblichen 6 bei 60 Inseraten",
        ),
        (LockRule.EMPTIED, "In der neuen Datei steht kein einziges Ihrer Fahrzeuge mehr."),
        (LockRule.TRUNCATED, "In der neuen Datei fehlen: 8 Fahrzeuge."),
    ],
)
def test_a_file_that_is_held_back_is_called_one(
    alice: FlaskClient, hall: Hall, rule: LockRule, said: str
) -> None:
    run = hall.build._add(Run(activation_id=hall.activation.id, kind=RunKind.FILE, state=RunState.HELD))
    lock = hall.lock(run_id=run.id, rule=rule)
    text = panel(alice, hall)
    assert said in text
    assert "Die neue Datei ist nicht veröffentlicht, die letzte gute gilt weiter." in text
    assert "Datei ohne 8 Fahrzeuge veröffentlichen" in text
    assert "Datei verwerfen" in text
    assert "Zurückgehaltene Datei ansehen" in text
    approve(alice, hall, lock)
    assert "Die Datei wird neu geschrieben und veröffentlicht." in told(alice, hall)


def test_a_file_that_grew_is_explained_by_what_is_new_in_it(alice: FlaskClient, hall: Hall) -> None:
    run = hall.build._add(Run(activation_id=hall.activation.id, kind=RunKind.FILE, state=RunState.HELD))
    hall.lock(run_id=run.id, rule=LockRule.CREATIONS, delete=0, create=20)
    text = panel(alice, hall)
    assert "In der neuen Datei stehen 20 neue Fahrzeuge, mehr als die üblichen 12 bei 60 Inseraten." in text
    assert "Fahrzeuge doppelt oder unter neuen Nummern" in text
    assert "verschwinden" not in text
    assert "Datei mit 20 neuen Fahrzeugen veröffentlichen" in text


# Letting through


def test_approving_lets_it_through_once_and_says_so(alice: FlaskClient, hall: Hall, session: Session) -> None:
    lock = hall.lock()
    answer = approve(alice, hall, lock)
    assert (answer.status_code, answer.headers["Location"]) == (303, hall.path)
    assert hall.state == ActivationState.ACTIVE
    assert hall.rows() == {("waiting", False)}
    said = told(alice, hall)
    assert "Die Übertragung ist aktiviert. 8 Inserate werden gelöscht." in said
    closed: Lock = fresh(session, Lock, lock.id)
    assert (closed.closed_how, closed.by_mail) == (LockEnd.APPROVED, False)
    (event,) = hall.audited()
    assert (event.what, event.object_id, event.user_id) == ("lock.approved", lock.id, closed.closed_by)


def test_a_second_click_does_nothing_and_says_who_was_first(
    alice: FlaskClient, hall: Hall, build: Build, login: Login
) -> None:
    lock = hall.lock()
    bob = login(build.user("bob", hall.dealer))
    approve(bob, hall, lock)
    for again in (approve, lambda *some: some[0].post(f"{hall.path}/lock/discard", data=form(lock))):
        assert again(alice, hall, lock).status_code == 303
        assert "(von Bob). Ihr Klick hat nichts weiter ausgelöst." in told(alice, hall)
    assert len(hall.audited()) == 1


def test_an_old_page_does_not_lift_a_newer_lock(alice: FlaskClient, hall: Hall) -> None:
    old = hall.lock(closed_at=datetime.now(UTC), closed_how=LockEnd.HEALED)
    hall.lock(delete=2)
    approve(alice, hall, old)
    assert hall.state == ActivationState.LOCKED
    said = told(alice, hall)
    assert "von selbst aufgehoben" in said
    assert "Übertragung gesperrt seit" in said


def test_a_deviation_that_has_grown_is_shown_again(alice: FlaskClient, hall: Hall) -> None:
    lock = hall.lock()
    before = form(lock)
    hall.grow(lock, 4)
    answer = alice.post(f"{hall.path}/lock/approve", data=before)
    assert answer.status_code == 409
    text = plain(answer.text)
    assert "Löschungen: 12 statt 8. Es wurde nichts gesendet." in text
    assert "12 Inserate löschen und weiter übertragen" in text
    assert (hall.state, hall.rows(), hall.audited()) == (ActivationState.LOCKED, OPEN, [])
    assert 'name="deletions" value="12"' in answer.text
    approve(alice, hall, fresh(hall.session, Lock, lock.id))
    assert hall.state == ActivationState.ACTIVE


@pytest.mark.parametrize("numbers", [{"deletions": ""}, {"deletions": "x"}, {"deletions": "-8"}])
def test_a_form_without_its_numbers_decides_nothing(
    alice: FlaskClient, hall: Hall, numbers: dict[str, str]
) -> None:
    lock = hall.lock()
    assert approve(alice, hall, lock, **numbers).status_code == 409
    assert hall.state == ActivationState.LOCKED


def test_a_form_without_its_lock_decides_nothing(alice: FlaskClient, hall: Hall) -> None:
    lock = hall.lock()
    assert approve(alice, hall, lock, lock_id="").status_code == 303
    assert approve(alice, hall, lock, lock_id="7").status_code == 404
    assert hall.state == ActivationState.LOCKED


# Discarding


def test_discarding_keeps_the_listings_and_sends_the_rest(alice: FlaskClient, hall: Hall) -> None:
    lock = hall.lock(delete=2)
    other = hall.build.transfer(hall.build.vehicle(hall.dealer), hall.activation, held=True)
    answer = alice.post(f"{hall.path}/lock/discard", data=form(lock))
    assert answer.status_code == 303
    assert hall.state == ActivationState.ACTIVE
    assert hall.rows() == {("discarded", False), ("waiting", False)}
    assert fresh(hall.session, type(other), other.id).state == "waiting"
    assert "Verworfen. Bei 2 Fahrzeugen bleibt bei der Plattform alles, wie es ist." in told(alice, hall)
    assert [event.what for event in hall.audited()] == ["lock.discarded"]


# Who may


def test_bob_sees_it_and_reads_who_may_lift_it(build: Build, hall: Hall, login: Login) -> None:
    hall.lock()
    place = build.location(hall.dealer, "KI")
    build.alice(hall.dealer)
    build.user("eve", hall.dealer, rights=("unlock",), location_ids=[place.id])
    build.user("ina", hall.dealer, rights=("unlock",), active=False)
    build.user("uwe", hall.dealer, rights=("unlock",), location_ids=[hall.activation.location_id])
    text = panel(login(build.bob(hall.dealer)), hall)
    assert "In Ihrem Haus: Alice, Uwe." in text
    assert "weiter übertragen" not in text.partition("betroffene Fahrzeuge")[0].partition("In Ihrem")[2]
    assert "8 Inserate löschen" not in text


def test_the_panel_leads_to_check_and_preview(
    alice: FlaskClient, build: Build, hall: Hall, login: Login
) -> None:
    """The check is for those who may send; everybody may look ahead."""
    hall.lock()
    bob = login(build.bob(hall.dealer))
    for client, checks in ((alice, 1), (bob, 0)):
        for path in (hall.path, f"{hall.path}/lock"):
            shown = client.get(path).text.partition('id="lock"')[2].partition("</section>")[0]
            assert shown.count(f'action="{hall.path}/check"') == checks
            assert shown.count(f'href="{hall.path}/preview"') == 1
    assert bob.get(f"{hall.path}/preview").status_code == 200
    assert alice.post(f"{hall.path}/check").status_code == 303


def test_nobody_may_lift_it(build: Build, hall: Hall, login: Login) -> None:
    hall.lock()
    assert "hat zurzeit niemand dieses Recht" in panel(login(build.bob(hall.dealer)), hall)


def test_bob_charlie_and_sam_lift_nothing(build: Build, hall: Hall, login: Login) -> None:
    lock = hall.lock()
    people = ((build.bob(hall.dealer), 403), (build.charlie(), 404), (build.sam(), 403))
    for user, status in people:
        client = login(user)
        assert approve(client, hall, lock).status_code == status
        assert client.post(f"{hall.path}/lock/discard", data=form(lock)).status_code == status
    assert (hall.state, hall.rows(), hall.audited()) == (ActivationState.LOCKED, OPEN, [])


def test_another_dealers_lock_is_not_lifted_through_an_own_app(
    build: Build, hall: Hall, login: Login
) -> None:
    lock, charlie = hall.lock(), build.charlie()
    build.session.refresh(charlie)
    own = build.activation(charlie.dealer, customer_number="9", state=ActivationState.LOCKED)
    for what in ("approve", "discard"):
        assert login(charlie).post(f"/apps/{own.id}/lock/{what}", data=form(lock)).status_code == 404
    assert (hall.state, hall.rows()) == (ActivationState.LOCKED, OPEN)
