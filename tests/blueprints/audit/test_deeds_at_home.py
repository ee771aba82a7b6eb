"""What people do with the stock, with apps as a whole, with their accounts and as visitors leaves a line."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.account.second_factor import SECRET
from portal.exports.mass_change import lock as mass_change_lock
from portal.models import Activation, AuditEvent, Dealer, Lock, User, Vehicle
from portal.models.exports import ActivationState
from tests.blueprints.conftest import LINKED, Market
from tests.blueprints.locks.conftest import Hall, hall
from tests.blueprints.store.test_activate import filled
from tests.blueprints.support.conftest import open_support_session
from tests.blueprints.vehicles.conftest import save, version
from tests.blueprints.vehicles.test_imports import upload
from tests.builders import PASSWORD, Build
from tests.formats.stock_file import line

__all__ = ["hall"]

Login = Callable[[User], FlaskClient]


@pytest.fixture
def browser(login: Login, alice: User) -> FlaskClient:
    return login(alice)


@pytest.fixture
def vehicle(build: Build, alices: Dealer) -> Vehicle:
    return build.vehicle(alices)


class Record:
    """The audit log, read from where it was read last."""

    def __init__(self, session: Session) -> None:
        self._session, self._seen = session, set[UUID]()

    def more(self) -> list[tuple[str, UUID | None]]:
        """What was done since, each with its object."""
        self._session.expire_all()
        events = self._session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        fresh = [event for event in events if event.id not in self._seen]
        self._seen |= {event.id for event in fresh}
        return [(event.what, event.object_id) for event in fresh]


@pytest.fixture
def record(session: Session) -> Record:
    return Record(session)


def test_of_a_vehicle(
    browser: FlaskClient, build: Build, alices: Dealer, vehicle: Vehicle, record: Record
) -> None:
    page, there = f"/vehicles/{vehicle.id}", build.location(alices, "HB")
    release = str(build.activation(alices).id)
    save(browser, page, mileage="70001")
    assert record.more() == [("vehicle.changed", vehicle.id)]
    save(browser, page)
    assert record.more() == [], "nothing was changed"
    choice = {
        "version": version(browser, f"{page}/publication"),
        "online": "yes",
        f"released-{release}": "yes",
    }
    browser.post(f"{page}/publication", data=choice)
    assert record.more() == [("vehicle.published", vehicle.id)]
    browser.post(f"{page}/location", data={"location": str(there.id)})
    assert record.more() == [("vehicle.moved", vehicle.id)]


def test_of_new_vehicles(browser: FlaskClient, alices: Dealer, session: Session, record: Record) -> None:
    data = {"location": str(alices.locations[0].id), "offer_number": "NEU-1", "kind": "used"}
    browser.post("/vehicles/new", data=data)
    made = session.scalars(select(Vehicle)).one()
    assert record.more() == [("vehicle.created", made.id)]
    upload(browser, alices, line(B="A1"), "partial")
    assert [what for what, _ in record.more()] == ["vehicle.imported"]


def test_of_many_vehicles_at_once(browser: FlaskClient, build: Build, alices: Dealer, record: Record) -> None:
    parked = build.vehicle(alices, online=False)
    for _ in range(2):
        browser.post("/vehicles/release", data={"vehicle": str(parked.id)})
    assert record.more() == [("vehicle.released", None)], "the second time nothing was changed"


def test_of_an_activation(browser: FlaskClient, market: Market, session: Session, record: Record) -> None:
    browser.post("/appstore/mobile-de/activate", data=filled(LINKED))
    activation = session.scalars(select(Activation)).one()
    assert record.more() == [("activation.activated", activation.id)]


@pytest.mark.parametrize(
    ("state", "path", "data", "what"),
    [
        (ActivationState.DRAFT, "discard", {}, "activation.discarded"),
        (ActivationState.ACTIVE, "deactivate", {"listings": "delete"}, "activation.closed"),
        (ActivationState.ACTIVE, "deactivate", {"listings": "stop"}, "activation.deactivated"),
    ],
)
def test_of_the_end_of_an_app(
    browser: FlaskClient,
    build: Build,
    alices: Dealer,
    record: Record,
    state: ActivationState,
    path: str,
    data: dict[str, str],
    what: str,
) -> None:
    activation = build.activation(alices, state=state)
    key = activation.id
    browser.post(f"/apps/{key}/{path}", data=data)
    assert record.more() == [(what, key)]


@pytest.mark.parametrize(
    ("slug", "path", "what"),
    [("mobile-de-csv", "run-now", "run.requested"), ("meta-catalog", "feed-address", "feed.renewed")],
)
def test_of_a_file_app(
    browser: FlaskClient, build: Build, alices: Dealer, record: Record, slug: str, path: str, what: str
) -> None:
    activation = build.activation(alices, app=slug)
    browser.post(f"/apps/{activation.id}/{path}")
    assert record.more() == [(what, activation.id)]


def test_of_a_lock_that_opens_by_itself(hall: Hall, record: Record) -> None:
    lock: Lock = hall.lock()
    mass_change_lock.lift_lock(hall.session, hall.activation.id)
    hall.session.commit()
    assert record.more() == [("lock.healed", lock.id)]


def test_of_ones_own_account(browser: FlaskClient, alice: User, record: Record) -> None:
    browser.get("/account/second-factor")
    with browser.session_transaction() as cookie:
        secret = cookie[SECRET]
    browser.post("/account/second-factor", data={"code": pyotp.TOTP(secret).now()})
    assert record.more() == [("user.second_factor_on", alice.id)]
    for path, what in (("codes", "user.recovery_codes_renewed"), ("off", "user.second_factor_off")):
        browser.post(f"/account/second-factor/{path}", data={"factor_password": PASSWORD})
        assert record.more() == [(what, alice.id)]
    browser.post("/account/logout-everywhere", data={"logins_password": PASSWORD})
    assert record.more() == [("user.logged_out_everywhere", alice.id)]


def test_of_a_visit(agent: FlaskClient, alices: Dealer, record: Record) -> None:
    open_support_session(agent, alices, changes=True)
    agent.post("/support/end")
    whats = [what for what, _ in record.more()]
    assert whats == ["support.started", "support.changes_on", "support.ended"]
