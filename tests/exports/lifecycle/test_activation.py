"""The life of an activation: what each step changes, and what it leaves alone."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from portal.audit import OPERATOR
from portal.exports.lifecycle import activation as life
from portal.exports.lifecycle.customer_numbers import NotBound
from portal.models import Activation, CustomerNumber, Dealer, Listing, Publication, Transfer
from portal.models.exports import LIVE, ActivationState, ListingState, RunState, TransferState
from portal.models.runs import Run
from portal.platforms import get_app
from portal.platforms.contract import Account
from portal.platforms.contract.fields import Option, SettingField
from portal.vehicles.release import apply_presets
from tests.bell import Bell
from tests.builders import Build, fresh

ACCOUNT = Account("4711001", "1000471", "Autohaus Alice", limits={"max_images": 30})
SETTINGS: dict[str, Any] = {"number_format": "offer", "kinds": {"used": 0}}
FORMAT = SettingField(
    "number_format", "Format", "choice", options=(Option("offer", "Nr."),), change_warning="Kosten"
)


def wish(dealer: Dealer, **changed: Any) -> life.ActivationRequest:
    plausible: dict[str, Any] = {
        "dealer_id": dealer.id,
        "app": get_app("mobile-de"),
        "customer_number": "4711001",
        "location_id": dealer.locations[0].id,
        "settings": SETTINGS,
    }
    return life.ActivationRequest(**(plausible | changed))


def activate(sessions: sessionmaker[Session], wanted: life.ActivationRequest) -> UUID:
    with sessions.begin() as session:
        return life.activate(session, wanted, ACCOUNT).id


def states(session: Session) -> list[str]:
    return sorted(session.scalars(select(Transfer.state)))


def count(session: Session, kind: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def test_activating_releases_by_the_presets_and_notes_every_vehicle(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer, bell: Bell
) -> None:
    used, new = build.vehicle(alices), build.vehicle(alices, kind="new")
    made = fresh(session, Activation, activate(sessions, wish(alices)))
    assert made.state == ActivationState.RECONCILING
    assert made.activated_at
    assert made.account == ACCOUNT.as_json()
    assert made.settings == SETTINGS
    assert list(session.scalars(select(Publication.vehicle_id))) == [used.id]
    assert list(session.scalars(select(Transfer.vehicle_id))) == [used.id]
    assert new.id not in session.scalars(select(Transfer.vehicle_id))
    assert bell.rung == [made.id]


def test_what_is_released_elsewhere_has_nothing_to_do_there(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    vehicle = build.vehicle(alices)
    build.release(vehicle, build.activation(alices, customer_number="4711002"))
    made = activate(sessions, wish(alices))
    assert list(session.scalars(select(Transfer.activation_id))) == [made]


def test_the_same_wish_twice_is_one_activation(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    build.vehicle(alices)
    assert activate(sessions, wish(alices)) == activate(sessions, wish(alices))
    assert count(session, Activation) == 1
    assert count(session, Transfer) == 1


def test_two_at_the_same_moment_are_one_activation(
    session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    barrier, made = threading.Barrier(4), []

    def press() -> None:
        barrier.wait()
        made.append(activate(sessions, wish(alices)))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1
    assert count(session, Activation) == 1


def test_other_settings_for_a_live_number_are_refused_with_the_activation(
    sessions: sessionmaker[Session], alices: Dealer
) -> None:
    first = activate(sessions, wish(alices))
    with pytest.raises(life.NumberInUse) as refused:
        activate(sessions, wish(alices, settings={"number_format": "vin"}))
    assert refused.value.own == first


@pytest.mark.parametrize("state", LIVE)
def test_another_dealers_live_number_is_refused_without_naming_it(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer, state: ActivationState
) -> None:
    build.activation(build.dealer("Autohaus Charlie"), state=state)
    with pytest.raises(life.NumberInUse) as refused:
        activate(sessions, wish(alices))
    assert refused.value.own is None
    assert count(session, Activation) == 1


@pytest.mark.parametrize("state", LIVE)
def test_a_draft_tells_nothing_of_another_dealers_app(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer, state: ActivationState
) -> None:
    build.activation(build.dealer("Autohaus Charlie"), state=state)
    kept = draft(sessions, wish(alices))
    assert session.get_one(Activation, kept).state == ActivationState.DRAFT


def test_a_number_of_another_dealer_is_not_activated_whether_they_use_it_or_did_so_once(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    charlies = build.dealer("Autohaus Charlie")
    for state in (None, ActivationState.DEACTIVATED):
        if state:
            build.activation(alices, state=state)
        with pytest.raises(NotBound):
            activate(sessions, wish(charlies))
    assert count(session, Activation) == 1


APPS_OF_MOBILE_DE = [("mobile-de", "mobile-de-csv"), ("mobile-de-csv", "mobile-de")]


@pytest.mark.parametrize(("first", "second"), APPS_OF_MOBILE_DE)
def test_one_number_of_a_platform_is_served_by_one_app(
    build: Build, sessions: sessionmaker[Session], alices: Dealer, first: str, second: str
) -> None:
    made = build.activation(alices, app=first)
    with pytest.raises(life.NumberInUse) as refused:
        activate(sessions, replace(wish(alices), app=get_app(second)))
    assert (refused.value.own, refused.value.app) == (made.id, first)


def test_a_released_number_stops_what_it_served_and_nothing_starts_it_again(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    served = build.activation(alices)
    with sessions.begin() as own:
        row = own.scalars(select(CustomerNumber).where(CustomerNumber.number == "4711001")).one()
        assert life.release_number(own, OPERATOR, row)
    session.expire_all()
    stopped = session.get_one(Activation, served.id)
    assert (stopped.state, stopped.stop_cause, stopped.recheck_at) == ("stopped", "number_released", None)
    with sessions.begin() as own, pytest.raises(NotBound):
        life.resume(own, own.get_one(Activation, served.id), ACCOUNT)


def draft(sessions: sessionmaker[Session], wanted: life.ActivationRequest) -> UUID:
    with sessions.begin() as session:
        return life.save_draft(session, wanted).id


def test_settings_changed_during_the_reconciliation_have_the_platforms_list_read_again(
    session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    key = activate(sessions, wish(alices))
    with sessions.begin() as own:
        own.scalars(select(Run)).one().state = RunState.HELD
    with sessions.begin() as own:
        life.change(own, own.get_one(Activation, key), {"number_format": "vin"})
    assert session.scalars(select(Run.state)).all() == [RunState.WAITING]


def test_deactivating_calls_an_open_reconciliation_off_and_activating_begins_another(
    session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    key = activate(sessions, wish(alices))
    with sessions.begin() as own:
        life.deactivate(own, own.get_one(Activation, key))
    assert session.scalars(select(Run.state)).all() == [RunState.CANCELLED]
    assert activate(sessions, wish(alices)) == key
    session.expire_all()
    assert session.scalars(select(Run.state).order_by(Run.id)).all() == [RunState.CANCELLED, RunState.WAITING]


def test_a_draft_sends_nothing_and_becomes_the_activation(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer, bell: Bell
) -> None:
    build.vehicle(alices)
    kept = draft(sessions, wish(alices))
    assert draft(sessions, wish(alices)) == kept
    assert (count(session, Transfer), count(session, Publication), bell.rung) == (0, 0, [])
    assert activate(sessions, wish(alices)) == kept
    assert fresh(session, Activation, kept).state == ActivationState.RECONCILING


def test_activating_again_finds_the_listings_that_stayed(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    old = build.activation(alices, state=ActivationState.DEACTIVATED)
    vehicle = build.vehicle(alices)
    listing = build.listing(vehicle, old)
    assert activate(sessions, wish(alices)) == old.id
    assert fresh(session, Listing, listing.id).state == ListingState.ONLINE
    assert states(session) == [TransferState.WAITING]


def test_a_discarded_draft_is_gone_but_known_listings_are_kept(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    new = build.activation(alices, state=ActivationState.DRAFT, customer_number="1")
    former = build.activation(alices, state=ActivationState.DRAFT, customer_number="2")
    build.listing(build.vehicle(alices), former)
    for one in (new, former):
        with sessions.begin() as own:
            life.discard_draft(own, own.get_one(Activation, one.id))
    assert fresh(session, Activation, new.id) is None
    assert fresh(session, Activation, former.id).state == ActivationState.DEACTIVATED


def test_changed_settings_note_every_vehicle_and_equal_ones_none(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    active = build.activation(alices, settings=SETTINGS)
    build.release(build.vehicle(alices), active)
    with sessions.begin() as own:
        assert not life.change(own, own.get_one(Activation, active.id), SETTINGS)
    assert count(session, Transfer) == 0
    with sessions.begin() as own:
        assert life.change(own, own.get_one(Activation, active.id), {"number_format": "vin"})
    assert count(session, Transfer) == 1
    assert fresh(session, Activation, active.id).settings == SETTINGS | {"number_format": "vin"}


def test_only_a_changed_setting_with_a_warning_asks() -> None:
    plain = SettingField("kinds", "Arten", "kinds")
    fields = (FORMAT, plain)
    before = {"number_format": "offer", "kinds": {}}
    assert not life.costly_changes(fields, before, {"number_format": "offer", "kinds": {"new": 0}})
    assert life.costly_changes(fields, before, {"number_format": "vin", "kinds": {}}) == (FORMAT,)


def test_resuming_clears_the_cause_and_rings_what_waits(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer, bell: Bell
) -> None:
    stopped = build.activation(
        alices, state=ActivationState.STOPPED, stop_cause="not_linked", stop_detail="x"
    )
    build.transfer(build.vehicle(alices), stopped)
    with sessions.begin() as own:
        life.resume(own, own.get_one(Activation, stopped.id), ACCOUNT)
    now = fresh(session, Activation, stopped.id)
    assert (now.state, now.stop_cause, now.stop_detail, now.stopped_at) == ("active", "", "", None)
    assert bell.rung == [stopped.id]
    assert states(session) == [TransferState.WAITING]


@pytest.mark.parametrize("state", [ActivationState.ACTIVE, ActivationState.STOPPED, ActivationState.CLOSING])
def test_stop_only_discards_what_waits_and_keeps_the_listings(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer, state: ActivationState
) -> None:
    live = build.activation(alices, state=state)
    vehicle = build.vehicle(alices)
    listing = build.listing(vehicle, live)
    build.transfer(vehicle, live)
    build.transfer(build.vehicle(alices), live, state=TransferState.SENDING)
    with sessions.begin() as own:
        life.deactivate(own, own.get_one(Activation, live.id))
    assert fresh(session, Activation, live.id).state == ActivationState.DEACTIVATED
    assert states(session) == [TransferState.DISCARDED, TransferState.SENDING]
    assert fresh(session, Listing, listing.id).state == ListingState.ONLINE


def test_closing_notes_every_listing_for_deletion(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer, bell: Bell
) -> None:
    active = build.activation(alices)
    listed, absent = build.vehicle(alices), build.vehicle(alices)
    build.listing(listed, active)
    build.listing(absent, active, state=ListingState.ABSENT)
    with sessions.begin() as own:
        life.close(own, own.get_one(Activation, active.id))
    assert fresh(session, Activation, active.id).state == ActivationState.CLOSING
    assert list(session.scalars(select(Transfer.vehicle_id))) == [listed.id]
    assert bell.rung == [active.id]


ALLOWED = {
    "resume": {ActivationState.STOPPED},
    "deactivate": set(LIVE),
    "close": {ActivationState.ACTIVE},
    "discard_draft": {ActivationState.DRAFT},
    "change": {*LIVE, ActivationState.DRAFT},
}


@pytest.mark.parametrize("state", list(ActivationState))
@pytest.mark.parametrize("step", sorted(ALLOWED))
def test_each_step_is_possible_in_its_states_only(
    build: Build, sessions: sessionmaker[Session], alices: Dealer, step: str, state: ActivationState
) -> None:
    activation = build.activation(alices, state=state, stop_cause="credentials")
    more: tuple[Any, ...] = {"resume": (ACCOUNT,), "change": ({"a": 1},)}.get(step, ())
    with sessions() as own:
        found = own.get_one(Activation, activation.id)
        if state in ALLOWED[step]:
            getattr(life, step)(own, found, *more)
        else:
            with pytest.raises(life.WrongState):
                getattr(life, step)(own, found, *more)


def test_wider_presets_act_on_new_vehicles_only(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    build.vehicle(alices, kind="new")
    key = activate(sessions, wish(alices))
    with sessions.begin() as transaction:
        activation = transaction.get_one(Activation, key)
        life.change(transaction, activation, {"kinds": {"used": 0, "new": 0}})
        apply_presets(transaction, alices.id)
    assert session.scalars(select(Publication.released)).all() == [False]
    later = build.vehicle(alices, kind="new")
    with sessions.begin() as transaction:
        apply_presets(transaction, alices.id)
    released = session.scalars(select(Publication.vehicle_id).where(Publication.released)).all()
    assert released == [later.id]
