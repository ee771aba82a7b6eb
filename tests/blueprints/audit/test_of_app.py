"""The tab Zugriffe of an app: who did what there, and which agents were there."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import audit
from portal.audit import Who
from portal.audit.reading import PAGE_SIZE
from portal.models import Activation, AuditEvent, Dealer, Lock, SupportSession, User
from tests.blueprints.locks.conftest import Hall
from tests.blueprints.support.conftest import REASON, open_support_session
from tests.builders import Build
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]


@pytest.fixture
def active(build: Build, alices: Dealer) -> Activation:
    return build.activation(alices)


@pytest.fixture
def browser(login: Login, alice: User) -> FlaskClient:
    return login(alice)


def of(activation: Activation) -> str:
    return f"/apps/{activation.id}/access"


def write(
    session: Session, activation: Activation, what: str, label: str = "4711001", **more: object
) -> None:
    audit.log(
        session,
        Who(name="Bob", address="192.0.2.7"),
        what,
        dealer_id=activation.dealer_id,
        object_id=uuid4(),
        label=label,
        activation_id=activation.id,
        detail=more,
    )
    session.commit()


def test_it_says_who_did_what_when_and_from_where(
    browser: FlaskClient, session: Session, active: Activation
) -> None:
    write(session, active, "lock.approved", deletions=8)
    page = browser.get(of(active)).text
    for text in ("Sperre aufgehoben", "Bob", "192.0.2.7", "Löschungen: 8"):
        assert text in page


def test_only_what_was_done_at_this_app(
    browser: FlaskClient, build: Build, session: Session, alices: Dealer, active: Activation
) -> None:
    other = build.activation(alices, customer_number="4711002")
    write(session, other, "activation.changed", label="woanders")
    assert "woanders" not in browser.get(of(active)).text
    assert "woanders" in browser.get(of(other)).text
    assert "Noch nichts aufgezeichnet" in browser.get(of(active)).text


def test_what_people_do_on_the_pages_stands_there(browser: FlaskClient, active: Activation) -> None:
    browser.post(f"/apps/{active.id}/deactivate", data={"listings": "stop"})
    page = browser.get(of(active)).text
    assert "App deaktiviert" in page
    assert "Alice" in page


def test_an_unlocking_is_found_after_its_lock_is_gone(login: Login, build: Build, session: Session) -> None:
    hall = Hall(build)
    browser = login(build.user("dora", hall.dealer))
    lock = hall.lock()
    shown = {"lock_id": str(lock.id), "deletions": 8, "creations": 0}
    assert browser.post(f"{hall.path}/lock/approve", data=shown).status_code == 303
    session.execute(delete(Lock))
    session.commit()
    page = browser.get(of(hall.activation)).text
    assert "Sperre aufgehoben" in page
    assert "Dora" in page


def test_agents_who_were_there_are_named_with_their_reason(
    browser: FlaskClient, agent: FlaskClient, build: Build, alices: Dealer, active: Activation
) -> None:
    untouched = build.activation(alices, customer_number="4711002")
    open_support_session(agent, alices)
    agent.get(f"/apps/{active.id}")
    agent.get(f"/apps/{active.id}/listings")
    page = browser.get(of(active)).text
    for text in ("Sam", REASON, "2 Aufrufe hier", "0 Änderungen hier"):
        assert text in page
    assert REASON not in browser.get(of(untouched)).text


def test_an_agent_who_was_elsewhere_does_not_appear(
    browser: FlaskClient, agent: FlaskClient, build: Build, alices: Dealer, active: Activation
) -> None:
    """He names Alice's app while he visits another dealer: he finds nothing, and it is no visit to her."""
    open_support_session(agent, build.dealer("Autohaus Charlie", code="CH"))
    assert agent.get(f"/apps/{active.id}").status_code == 404
    assert REASON not in browser.get(of(active)).text


def test_what_an_agent_changed_is_counted(
    browser: FlaskClient, agent: FlaskClient, session: Session, alices: Dealer, active: Activation
) -> None:
    open_support_session(agent, alices, changes=True)
    agent.post(f"/apps/{active.id}/deactivate", data={"listings": "stop"})
    page = browser.get(of(active)).text
    assert "1 Änderung hier" in page
    event = session.scalars(select(AuditEvent).where(AuditEvent.what == "activation.deactivated")).one()
    assert event.support_session_id == session.scalars(select(SupportSession.id)).one()


def test_it_is_paged_by_key_with_a_fixed_number_of_queries(
    browser: FlaskClient, session: Session, active: Activation
) -> None:
    write(session, active, "activation.changed", label="Nr-000")
    browser.get(of(active))
    with count_queries() as few:
        browser.get(of(active))
    for number in range(1, PAGE_SIZE + 5):
        write(session, active, "activation.changed", label=f"Nr-{number:03}")
    with count_queries() as many:
        first = browser.get(of(active)).text
    assert len(many) == len(few)
    assert sum("audit_event" in statement for statement in many) == 2
    assert f"Nr-{PAGE_SIZE + 4:03}" in first
    assert "Nr-004" not in first
    older = next(part for part in first.split('href="') if "?before=" in part).split('"')[0]
    assert "Nr-004" in browser.get(older).text
    assert browser.get(f"{of(active)}?before=nonsense").status_code == 200


def test_only_who_runs_apps_sees_it(login: Login, build: Build, alices: Dealer, active: Activation) -> None:
    bob = login(build.bob(alices))
    assert bob.get(of(active)).status_code == 403
    assert of(active) not in bob.get(f"/apps/{active.id}").text


def test_of_one_location_only_the_apps_there(
    login: Login, build: Build, session: Session, alices: Dealer, active: Activation
) -> None:
    """And no link to the log of the whole house, which is not for users of some locations."""
    branch = build.location(alices, "B")
    there = build.activation(alices, customer_number="4711002", location_id=branch.id)
    dora = login(build.user("dora", alices, location_ids=[branch.id]))
    write(session, there, "activation.changed")
    page = dora.get(of(there))
    assert "App geändert" in page.text
    assert "/settings/audit" not in page.text
    assert dora.get(of(active)).status_code == 404


@pytest.mark.parametrize("columns", [{"app": "dealer-website"}, {"state": "draft"}, {"state": "deactivated"}])
def test_every_app_has_the_tab_in_every_state(
    browser: FlaskClient, build: Build, alices: Dealer, columns: dict[str, str]
) -> None:
    activation = build.activation(alices, **columns)
    page = browser.get(of(activation))
    assert page.status_code == 200
    assert f'href="{of(activation)}" aria-current="page"' in page.text
    assert 'href="/settings/audit"' in page.text
