"""Support sessions: visible, limited, on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.models import Activation, AuditEvent, Dealer, Mail, SupportRequest, SupportSession, User, Vehicle
from portal.web.support_session import DEALERS_ALONE, READING
from tests.blueprints.support.conftest import REASON, open_support_session
from tests.builders import Build, fresh
from tests.conftest import count_queries
from tests.words import letter

Login = Callable[[User], FlaskClient]


def only_session(session: Session) -> SupportSession:
    session.expire_all()
    return session.scalars(select(SupportSession)).one()


def test_an_agent_sees_what_the_dealer_sees_with_a_banner_on_every_page(
    agent: FlaskClient, build: Build, alices: Dealer
) -> None:
    build.vehicle(alices, offer_number="A4711")
    assert agent.get("/vehicles").status_code == 403
    open_support_session(agent, alices)
    page = agent.get("/vehicles").text
    assert "A4711" in page
    for url in ("/", "/vehicles", "/apps", "/settings/export", "/help"):
        text = agent.get(url).text
        assert "Support-Sitzung für" in text, url
        assert REASON in text
        assert "noch 60 min" in text
        assert "nur Lesen" in text


def test_a_session_needs_a_reason(agent: FlaskClient, session: Session, alices: Dealer) -> None:
    for reason in ("", "  kurz "):
        answer = agent.post(f"/support/dealers/{alices.id}", data={"reason": reason})
        assert answer.status_code == 422
    assert session.scalars(select(SupportSession)).all() == []


def test_nothing_can_be_changed_before_changes_are_turned_on(
    agent: FlaskClient, build: Build, session: Session, alices: Dealer
) -> None:
    vehicle = build.vehicle(alices)
    open_support_session(agent, alices)
    refused = agent.post(f"/vehicles/{vehicle.id}/withdraw")
    assert refused.status_code == 403
    assert "nur zum Lesen" in refused.text
    assert fresh(session, Vehicle, vehicle.id).withdrawn_at is None


def test_turning_on_changes_asks_a_second_time(agent: FlaskClient, session: Session, alices: Dealer) -> None:
    open_support_session(agent, alices)
    assert agent.post("/support/changes").status_code == 422
    assert only_session(session).changes_since is None
    agent.post("/support/changes", data={"confirmed": "1"})
    assert only_session(session).changes_since is not None
    assert "Änderungen sind eingeschaltet" in agent.get("/").text


def test_what_an_agent_changes_is_recorded_with_both_names(
    agent: FlaskClient, session: Session, alices: Dealer, sam: User
) -> None:
    open_support_session(agent, alices, changes=True)
    agent.post("/settings/export", data={"mild_hybrid_as": "hybrid", "version": _version(agent)})
    event = session.scalars(select(AuditEvent).where(AuditEvent.what == "settings.changed")).one()
    assert (event.user_id, event.dealer_id, event.support_session_id) == (
        sam.id,
        alices.id,
        only_session(session).id,
    )


def _version(agent: FlaskClient) -> str:
    page = agent.get("/settings/export").text
    return page.split('name="version" value="')[1].split('"')[0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/settings/users"),
        ("GET", "/settings/users/new"),
        ("POST", "/settings/users/new"),
        ("POST", "/settings/api-keys"),
        ("POST", "/settings/access/consent"),
        ("POST", "/settings/notifications"),
        ("POST", "/settings/lms"),
        ("POST", "/appstore/mobile-de-csv/test-connection"),
    ],
)
def test_forbidden_things_stay_forbidden(
    agent: FlaskClient, session: Session, alices: Dealer, method: str, path: str
) -> None:
    session.execute(update(Dealer).values(support_may_act=True))
    session.commit()
    open_support_session(agent, alices, changes=True)
    assert agent.open(path, method=method, data={"name": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("page", "button", "instead"),
    [
        ("/settings/lms", 'type="submit">Speichern', "Die Weiterleitung ändert nur der Händler selbst."),
        (
            "/appstore/mobile-de-csv/activate",
            "test-connection",
            "Die Verbindung testet nur der Händler selbst.",
        ),
    ],
)
def test_where_an_agent_would_be_refused_no_button_is_shown_but_why(
    agent: FlaskClient,
    login: Login,
    alice: User,
    alices: Dealer,
    page: str,
    button: str,
    instead: str,
) -> None:
    open_support_session(agent, alices, changes=True)
    theirs, own = agent.get(page).text, login(alice).get(page).text
    assert (instead in theirs, button in theirs) == (True, False)
    assert (instead in own, button in own) == (False, True)


def test_an_agent_never_reads_a_users_mail_address(agent: FlaskClient, alice: User, alices: Dealer) -> None:
    open_support_session(agent, alices, changes=True)
    for url in (
        "/",
        "/settings/export",
        "/settings/lms",
        "/settings/access",
        "/settings/audit",
        "/notifications",
    ):
        assert "alice@example.org" not in agent.get(url).text, url


def test_without_the_dealers_permission_an_open_visit_is_worth_nothing(
    agent: FlaskClient, session: Session, alices: Dealer
) -> None:
    open_support_session(agent, alices)
    assert agent.get("/vehicles").status_code == 200
    session.execute(update(Dealer).values(support_allowed=False))
    session.commit()
    assert agent.get("/vehicles").status_code == 403


def test_after_an_hour_it_is_over_whatever_happens(
    agent: FlaskClient, session: Session, alices: Dealer
) -> None:
    open_support_session(agent, alices)
    session.execute(update(SupportSession).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    session.commit()
    assert agent.get("/vehicles").status_code == 403
    open_support_session(agent, alices)
    assert agent.get("/vehicles").status_code == 200


def test_it_cannot_be_made_longer(agent: FlaskClient, session: Session, alices: Dealer) -> None:
    open_support_session(agent, alices)
    limit = only_session(session).expires_at
    agent.get("/vehicles")
    agent.post("/support/changes", data={"confirmed": "1"})
    assert only_session(session).expires_at == limit


def test_ending_it_ends_it(agent: FlaskClient, session: Session, alices: Dealer) -> None:
    open_support_session(agent, alices)
    agent.post("/support/end")
    assert agent.get("/vehicles").status_code == 403
    assert only_session(session).ended_how == "by_agent"


def test_logging_out_ends_it_too(agent: FlaskClient, session: Session, alices: Dealer) -> None:
    open_support_session(agent, alices)
    agent.post("/logout")
    assert only_session(session).ended_how == "logout"


def test_a_second_browser_of_the_agent_is_not_in_it(
    agent: FlaskClient, login: Login, sam: User, alices: Dealer
) -> None:
    open_support_session(agent, alices)
    assert login(sam).get("/vehicles").status_code == 403


def test_every_request_is_recorded(
    agent: FlaskClient, session: Session, alices: Dealer, build: Build
) -> None:
    vehicle = build.vehicle(alices)
    open_support_session(agent, alices)
    agent.get(f"/vehicles/{vehicle.id}")
    agent.post(f"/vehicles/{vehicle.id}/withdraw")
    rows = session.scalars(select(SupportRequest).order_by(SupportRequest.id)).all()
    assert [(row.method, row.path, row.status) for row in rows][-2:] == [
        ("GET", f"/vehicles/{vehicle.id}", 200),
        ("POST", f"/vehicles/{vehicle.id}/withdraw", 403),
    ]


def test_the_dealer_sees_who_was_there_and_what_was_changed(
    agent: FlaskClient, session: Session, login: Login, alice: User, alices: Dealer
) -> None:
    open_support_session(agent, alices, changes=True)
    agent.post("/settings/export", data={"mild_hybrid_as": "hybrid", "version": _version(agent)})
    browser = login(alice)
    page = browser.get("/settings/access").text
    assert "Sam" in page
    assert REASON in page
    assert "1 Änderung" in page
    inside = browser.get(f"/settings/access/{only_session(session).id}").text
    assert "Mild-Hybride" in inside
    assert "POST /settings/export" in inside


def test_the_dealer_ends_a_session(
    agent: FlaskClient, session: Session, login: Login, alice: User, alices: Dealer
) -> None:
    open_support_session(agent, alices)
    login(alice).post(f"/settings/access/{only_session(session).id}/end")
    assert agent.get("/vehicles").status_code == 403


def test_withdrawing_the_consent_ends_it_and_allows_no_other(
    agent: FlaskClient, session: Session, login: Login, alice: User, alices: Dealer
) -> None:
    open_support_session(agent, alices)
    login(alice).post("/settings/access/consent", data={})
    assert agent.get("/vehicles").status_code == 403
    assert only_session(session).ended_how == "by_dealer"
    answer = agent.post(f"/support/dealers/{alices.id}", data={"reason": REASON})
    assert answer.status_code == 422


def test_the_dealer_is_told_by_mail_if_he_wants(
    agent: FlaskClient, session: Session, alice: User, alices: Dealer
) -> None:
    open_support_session(agent, alices)
    assert session.scalars(select(Mail)).all() == []
    agent.post("/support/end")
    session.execute(update(Dealer).values(support_mail=True))
    session.commit()
    open_support_session(agent, alices)
    mail = session.scalars(select(Mail)).one()
    assert mail.recipient == "alice@example.org"
    assert REASON in letter(mail)


def test_dealers_do_not_enter_the_support_area(login: Login, alice: User, alices: Dealer) -> None:
    browser = login(alice)
    for path in ("/support", f"/support/dealers/{alices.id}", "/support/audit"):
        assert browser.get(path).status_code == 403


def test_dealers_are_found_by_name_number_and_vin(agent: FlaskClient, build: Build, alices: Dealer) -> None:
    build.dealer("Autohaus Charlie", code="CH")
    build.activation(alices, customer_number="4711001")
    build.vehicle(alices, vin="WVWZZZ1KZAW999999")
    for text in ("alice", alices.key, "4711001", "wvwzzz1kzaw999999"):
        page = agent.get("/support", query_string={"q": text}).text
        assert "Autohaus Alice" in page, text
        assert "Autohaus Charlie" not in page, text
    assert "Kein Händler gefunden" in agent.get("/support?q=%25").text


def test_a_support_session_costs_no_query_but_the_record_of_the_request(
    agent: FlaskClient, login: Login, alice: User, alices: Dealer
) -> None:
    open_support_session(agent, alices)
    browser = login(alice)
    for client in (agent, browser):
        client.get("/apps")
    with count_queries() as agents:
        agent.get("/apps")
    with count_queries() as alices_own:
        browser.get("/apps")
    assert len(agents) == len(alices_own) + 1


def test_the_test_above_compares_with_the_rights_of_the_application(app: Flask) -> None:
    """Endpoints that only dealers use exist under these names."""
    missing = (DEALERS_ALONE | READING) - app.view_functions.keys()
    assert not missing


def test_requests_that_no_page_answers_are_recorded_too(
    agent: FlaskClient, session: Session, alices: Dealer
) -> None:
    open_support_session(agent, alices)
    agent.post("/theme", data={"theme": "dark"}, headers={"Referer": "http://localhost/vehicles"})
    agent.get("/nowhere")
    agent.delete("/vehicles/nowhere")
    paths = [(row.method, row.path) for row in session.scalars(select(SupportRequest))]
    assert {("POST", "/theme"), ("GET", "/nowhere"), ("DELETE", "/vehicles/nowhere")} <= set(paths)


def test_a_form_of_one_dealer_does_not_end_up_at_the_next(
    agent: FlaskClient, build: Build, session: Session, alices: Dealer
) -> None:
    """Two tabs: the second has begun another visit, with the same right to change things."""
    open_support_session(agent, alices, changes=True)
    page = agent.get("/settings/export").text
    first = page.split('name="support_session" value="')[1].split('"')[0]
    other = build.dealer("Autohaus Charlie", code="CH")
    open_support_session(agent, other, changes=True)
    form = {"mild_hybrid_as": "hybrid", "version": _version(agent)}
    refused = agent.post("/settings/export", data=form | {"support_session": first})
    assert refused.status_code == 403
    assert "anderen Support-Sitzung" in refused.text
    assert fresh(session, Dealer, other.id).mild_hybrid_as == "combustion"
    own = agent.get("/settings/export").text.split('name="support_session" value="')[1].split('"')[0]
    assert agent.post("/settings/export", data=form | {"support_session": own}).status_code == 303


def test_forms_of_dealers_name_no_visit(login: Login, alice: User) -> None:
    assert 'name="support_session"' not in login(alice).get("/settings/lms").text


def test_a_visit_that_ran_out_is_over_for_the_dealer_too(
    agent: FlaskClient, session: Session, login: Login, alice: User, alices: Dealer
) -> None:
    open_support_session(agent, alices)
    browser = login(alice)
    assert "Sitzung beenden" in browser.get("/settings/access").text
    session.execute(update(SupportSession).values(expires_at=datetime.now(UTC) - timedelta(days=1)))
    session.commit()
    page = browser.get("/settings/access").text
    assert "beendet" in page
    assert "endet spätestens" not in page
    assert "Sitzung beenden" not in page


def test_an_agent_never_reads_the_address_of_a_feed(
    agent: FlaskClient, build: Build, session: Session, alices: Dealer
) -> None:
    """It holds a secret, like an API key."""
    session.execute(update(Dealer).values(support_may_act=True))
    session.commit()
    feed = build.activation(alices, app="meta-catalog", customer_number="meta")
    open_support_session(agent, alices, changes=True)
    answer = agent.post(f"/apps/{feed.id}/feed-address")
    assert answer.status_code == 403
    assert "/feeds/" not in answer.text
    assert fresh(session, Activation, feed.id).feed_token is None
