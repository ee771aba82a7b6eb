"""Where a vehicle stands at a platform, over every combination; and what saving a publication does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.models import Activation, Listing, Publication, Run, RunVehicle, Transfer, Vehicle
from portal.models.exports import ActivationState, ListingState, RunKind, TransferState
from portal.models.realm import Realm
from portal.vehicles.publication import (
    Choice,
    choices_of,
    live_activations,
    load_stored,
    load_with_activations,
    publish,
    status_inputs,
)
from portal.vehicles.status import (
    InFile,
    PublicationStatus,
    RemedyPage,
    StatusInput,
    exclusion_reasons,
    publication_status,
)
from portal.vehicles.status_line import NOTHING_NEXT, StatusWords, status_line
from tests.builders import Build
from tests.words import german

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PROBLEM = {"code": "damage", "text": "Bitte den Schaden angeben.", "field": "damaged"}
REFUSAL = {"code": "price", "text": "Der Preis ist zu niedrig.", "field": "prices.selling"}


def vehicle(**columns: Any) -> Vehicle:
    plausible: dict[str, Any] = {"location_id": HERE, "online": True, "problems": [], "data": {}}
    return Vehicle(**(plausible | columns))


def activation(**columns: Any) -> Activation:
    plausible: dict[str, Any] = {"location_id": HERE, "state": ActivationState.ACTIVE, "app": "mobile-de"}
    return Activation(**(plausible | columns))


def released(**columns: Any) -> Publication:
    return Publication(**({"released": True, "problems": [], "hints": []} | columns))


def transfer(state: str, **columns: Any) -> Transfer:
    plausible: dict[str, Any] = {"state": state, "action": "update", "feedback": [], "attempts": []}
    return Transfer(**(plausible | columns))


ONLINE = Listing(state=ListingState.ONLINE, confirmed_at=NOW, sent_at=NOW)
VANISHED = Listing(state=ListingState.ONLINE, confirmed_at=NOW, sent_at=NOW, vanished_at=NOW)
GOOD = StatusInput(vehicle(), activation(), released(), ONLINE, last=transfer("ok", finished_at=NOW))


VEHICLES = {
    "fine": vehicle(),
    "offline": vehicle(online=False),
    "red": vehicle(problems=[PROBLEM]),
    "sold": vehicle(data={"sold": True}),
    "gone": vehicle(withdrawn_at=NOW),
    "moved": vehicle(location_id=ELSEWHERE),
}
PUBLICATIONS = {
    "none": None,
    "unreleased": released(released=False),
    "released": released(),
    "orange": released(problems=[PROBLEM]),
}
LISTINGS = {
    "none": None,
    "absent": Listing(state=ListingState.ABSENT),
    "refused": Listing(state=ListingState.ABSENT, last_result="rejected", last_feedback=[REFUSAL]),
    "failed": Listing(state=ListingState.ONLINE, last_result="failed", last_feedback=[REFUSAL]),
    "creating": Listing(state=ListingState.CREATING),
    "online": ONLINE,
    "vanished": VANISHED,
    "missing": Listing(state=ListingState.MISSING),
}
OPEN = {
    "none": None,
    "waiting": transfer("waiting"),
    "held": transfer("waiting", held=True),
    "sending": transfer("sending", held=True),
}
LAST = {"none": None} | {state: transfer(state) for state in ("ok", "warning", "rejected", "failed")}
STATES = (
    ActivationState.ACTIVE,
    ActivationState.LOCKED,
    ActivationState.STOPPED,
    ActivationState.CLOSING,
)


def every_situation() -> Iterator[StatusInput]:
    parts = (VEHICLES, STATES, PUBLICATIONS, LISTINGS, OPEN, LAST)
    for car, state, publication, listing, waiting, last in product(*parts):
        yield StatusInput(
            VEHICLES[car],
            activation(state=state),
            PUBLICATIONS[publication],
            LISTINGS[listing],
            OPEN[waiting],
            LAST[last],
        )


def test_there_are_all_combinations() -> None:
    assert sum(1 for _ in every_situation()) == 6 * 4 * 4 * 8 * 4 * 5


def test_online_means_wanted_complete_and_confirmed() -> None:
    for status_input in every_situation():
        is_online = publication_status(status_input) == PublicationStatus.ONLINE
        expected = (
            not exclusion_reasons(status_input)
            and not status_input.vehicle.problems
            and not status_input.publication.problems  # type: ignore[union-attr]  # wanted, so there is one
            and status_input.online
            and status_input.open is None
            and status_input.listing is ONLINE
        )
        assert is_online == expected, status_input


def test_what_vanished_there_waits_for_people_unless_something_is_on_its_way() -> None:
    for status_input in every_situation():
        gone = (
            status_input.listing is VANISHED and not exclusion_reasons(status_input) and not status_input.open
        )
        complete = (
            not status_input.vehicle.problems and status_input.publication is not PUBLICATIONS["orange"]
        )
        assert (publication_status(status_input) == PublicationStatus.VANISHED) == (gone and complete)
        if publication_status(status_input) == PublicationStatus.VANISHED:
            shown = status_line(status_input)
            assert not shown.online
            assert "neu eingestellt" in german(shown.next_action)
            assert "stand das Inserat nicht mehr" in german(shown.reasons[-1].text)


def test_what_differs_there_is_a_hint() -> None:
    drifted = Listing(
        state=ListingState.ONLINE, drift=[{"field": "price", "label": "Preis", "old": "1", "new": "2"}]
    )
    shown = status_line(replace(GOOD, listing=drifted))
    assert (shown.status, shown.online, shown.hindered) == (PublicationStatus.ONLINE, True, True)
    assert [german(reason.text) for reason in shown.reasons] == [
        "Die Plattform zeigt etwas anderes, als gesendet wurde: Preis."
    ]


def test_what_is_unwanted_and_nowhere_is_not_released_and_says_why() -> None:
    for status_input in every_situation():
        nowhere = not status_input.present and bool(exclusion_reasons(status_input))
        assert (publication_status(status_input) == PublicationStatus.NOT_RELEASED) == nowhere
        if nowhere:
            assert status_line(status_input).reasons


def test_incomplete_is_wanted_and_names_the_field() -> None:
    for status_input in every_situation():
        if publication_status(status_input) == PublicationStatus.INCOMPLETE:
            assert not exclusion_reasons(status_input)
            assert "damaged" in [reason.field for reason in status_line(status_input).reasons]
            if status_input.open is not OPEN["sending"]:
                assert status_line(status_input).next_action == NOTHING_NEXT[PublicationStatus.INCOMPLETE]


def test_every_line_says_its_three_facts() -> None:
    for status_input in every_situation():
        shown = status_line(status_input)
        assert shown.next_action
        assert shown.last_result
        assert (shown.confirmed_at is not None) == (status_input.listing in (ONLINE, VANISHED))
        assert len(shown.reasons) == len(set(shown.reasons))


def test_an_unwanted_listing_is_deleted_next() -> None:
    for status_input in every_situation():
        if status_input.present and exclusion_reasons(status_input) and status_input.open is None:
            assert publication_status(status_input) in (PublicationStatus.OPEN, PublicationStatus.ERROR)
            if publication_status(status_input) == PublicationStatus.OPEN:
                assert german(status_line(status_input).next_action) == "Löschung steht aus"
        if status_input.present and exclusion_reasons(status_input) and status_input.open is OPEN["waiting"]:
            assert german(status_line(status_input).next_action).startswith("Löschung")


def test_what_a_lock_holds_back_says_so_and_nothing_else_does() -> None:
    """Nothing is held where there is no lock, and what is incomplete or unwanted waits for no lock."""
    for status_input in every_situation():
        stands, shown = publication_status(status_input), status_line(status_input)
        kept = status_input.open is OPEN["held"] and status_input.activation.state == ActivationState.LOCKED
        kept = kept and stands == PublicationStatus.OPEN
        ends = " zurückgehalten, weil die Übertragung gesperrt ist"
        assert german(shown.next_action).endswith(ends) == kept
        assert any("gesperrt" in german(reason.text) for reason in shown.reasons) == kept
        if kept:
            assert shown.next_attempt is None


def test_all_well_has_no_reason_and_nothing_to_do() -> None:
    shown = status_line(GOOD)
    assert shown.status == PublicationStatus.ONLINE
    assert not shown.hindered
    assert german(shown.next_action) == "keine, alles ist übertragen"
    assert german(shown.last_result) == "Änderung ok"
    assert shown.confirmed_at == NOW


@pytest.mark.parametrize(
    ("changed", "text", "place", "field"),
    [
        ({"vehicle": vehicle(online=False)}, "nicht online geschaltet", RemedyPage.PUBLICATION, None),
        ({"publication": None}, "nicht freigegeben", RemedyPage.PUBLICATION, None),
        ({"vehicle": vehicle(data={"sold": True})}, "verkauft", RemedyPage.DATA, "sold"),
        ({"vehicle": vehicle(location_id=ELSEWHERE)}, "anderen Standort", RemedyPage.NOWHERE, None),
        ({"vehicle": vehicle(withdrawn_at=NOW)}, "nicht mehr im Bestand", RemedyPage.NOWHERE, None),
        (
            {"vehicle": vehicle(data={"trade_in": True}), "trade_ins": False},
            "Inzahlungnahme",
            RemedyPage.DATA,
            "trade_in",
        ),
        ({"activation": activation(state="closing")}, "deaktiviert", RemedyPage.ACTIVATION, None),
        (
            {"activation": activation(state="stopped", stop_detail="Das Passwort ist falsch.")},
            "Das Passwort ist falsch.",
            RemedyPage.ACTIVATION,
            None,
        ),
        ({"publication": released(problems=[PROBLEM])}, "Schaden", RemedyPage.DATA, "damaged"),
        ({"listing": LISTINGS["failed"]}, "zu niedrig", RemedyPage.DATA, "prices.selling"),
        ({"listing": LISTINGS["refused"], "last": None}, "zu niedrig", RemedyPage.DATA, "prices.selling"),
        ({"listing": Listing(state="missing")}, "kennt das Inserat nicht mehr", RemedyPage.NOWHERE, None),
    ],
)
def test_a_reason_says_what_and_where(
    changed: dict[str, Any], text: str, place: RemedyPage, field: str | None
) -> None:
    words = StatusWords(replace(GOOD, **changed))
    found = [reason for reason in words.reasons() if text in german(reason.text)]
    assert [(reason.place, reason.field) for reason in found] == [(place, field)]


def test_a_deletion_that_was_not_taken_says_why() -> None:
    shown = status_line(replace(GOOD, vehicle=vehicle(online=False), listing=LISTINGS["failed"]))
    assert shown.status == PublicationStatus.ERROR
    assert [reason.text for reason in shown.reasons][-1] == REFUSAL["text"]


@pytest.mark.parametrize(
    ("columns", "result", "attempt"),
    [
        ({"last_result": "ok", "sent_at": NOW}, "Übertragung ok", NOW),
        ({"last_result": "failed", "sent_at": NOW}, "Übertragung fehlgeschlagen", None),
        ({"last_result": "", "sent_at": NOW}, "in den letzten Tagen keine Übertragung", NOW),
        ({"last_result": ""}, "noch keine Übertragung", None),
    ],
)
def test_the_listing_knows_the_last_result_when_the_history_has_forgotten_it(
    columns: dict[str, Any], result: str, attempt: datetime | None
) -> None:
    listing = Listing(**({"state": ListingState.ONLINE, "last_feedback": []} | columns))
    shown = status_line(replace(GOOD, listing=listing, last=None))
    assert (german(shown.last_result), shown.last_attempt) == (result, attempt)


def test_a_retry_names_both_attempts() -> None:
    soon, past = NOW + timedelta(minutes=2), NOW - timedelta(minutes=1)
    undelivered = {"code": "undelivered", "text": "Die Plattform antwortet nicht.", "field": None}
    waiting = transfer(
        "waiting", not_before=soon, attempts=[{"at": past.isoformat()}], feedback=[undelivered]
    )
    shown = status_line(replace(GOOD, open=waiting))
    assert (shown.last_attempt, shown.next_attempt) == (past, soon)
    assert shown.status == PublicationStatus.OPEN
    assert [reason.text for reason in shown.reasons] == ["Die Plattform antwortet nicht."]


def test_a_pause_of_the_platform_delays_the_next_attempt() -> None:
    soon = NOW + timedelta(minutes=2)
    shown = status_line(replace(GOOD, activation=activation(paused_until=soon), open=transfer("waiting")))
    assert shown.next_attempt == soon


# Saving


def waiting_transfers(session: Session) -> list[Transfer]:
    session.expire_all()
    return list(session.scalars(select(Transfer).where(Transfer.state == TransferState.WAITING)))


def test_release_with_price_and_bookings_is_kept_and_noted(session: Session, build: Build) -> None:
    dealer = build.dealer()
    car, app = build.vehicle(dealer), build.activation(dealer)
    choice = Choice(released=True, price=Decimal("9999.50"), bookings=("eye_catcher",))
    assert publish(session, car, True, {app.id: choice})
    session.commit()
    assert choices_of(session, car) == {app.id: choice}
    assert [row.vehicle_id for row in waiting_transfers(session)] == [car.id]


def test_the_same_again_changes_and_notes_nothing(session: Session, build: Build) -> None:
    dealer = build.dealer()
    car, app = build.vehicle(dealer), build.activation(dealer)
    build.release(car, app, price=Decimal("9999.50"))
    assert not publish(session, car, True, {app.id: Choice(True, Decimal("9999.5"))})
    session.commit()
    assert waiting_transfers(session) == []


def test_never_released_and_not_released_are_the_same(session: Session, build: Build) -> None:
    dealer = build.dealer()
    car, app = build.vehicle(dealer), build.activation(dealer)
    assert not publish(session, car, True, {app.id: Choice(released=False)})


def test_several_changes_wait_as_one(session: Session, build: Build) -> None:
    dealer = build.dealer()
    car, app = build.vehicle(dealer), build.activation(dealer)
    for cents in range(5):
        publish(session, car, True, {app.id: Choice(True, Decimal(9000 + cents))})
        session.commit()
    assert len(waiting_transfers(session)) == 1


def test_situations_are_those_of_the_location_and_of_left_listings(session: Session, build: Build) -> None:
    dealer = build.dealer()
    car, here = build.vehicle(dealer), build.activation(dealer)
    there = build.location(dealer, "KI")
    left = build.activation(dealer, location_id=there.id, customer_number="4711002")
    other = build.activation(dealer, location_id=there.id, customer_number="4711003")
    build.listing(car, left)
    found = status_inputs(session, dealer, [car], [here, left, other])[car.id]
    assert [item.activation for item in found] == [here, left]


def test_the_apps_come_with_what_is_known_of_a_vehicle_at_them_and_at_others(
    session: Session, build: Build
) -> None:
    dealer = build.dealer()
    car, other, new = build.vehicle(dealer), build.vehicle(dealer), build.activation(dealer)
    full = build.activation(dealer, app="autoscout24", customer_number="4711002")
    files = build.activation(dealer, app="mobile-de-csv", customer_number="4711003")
    ended = build.activation(dealer, customer_number="4711004", state=ActivationState.DEACTIVATED)
    run = build._add(Run(activation_id=files.id, kind=RunKind.FILE, sent_at=NOW))
    files.published_run_id = run.id
    build._add(RunVehicle(run_id=run.id, vehicle_id=car.id, result="accepted"))
    published = [build.release(car, one) for one in (full, ended)]
    listed = [build.listing(car, one) for one in (full, files)]
    build.release(other, new)
    session.commit()
    activations, stored = load_with_activations(session, Realm(dealer.id), car.id)
    assert activations == live_activations(session, Realm(dealer.id)) == [full, new, files]
    assert {*stored.publications.values()} == {*published}
    assert {*stored.listings.values()} == {*listed}
    assert stored == load_stored(session, [car.id], activations)
    assert stored.files == {(car.id, files.id): InFile(NOW, "accepted")}
    _apps, of_other = load_with_activations(session, Realm(dealer.id), other.id)
    assert of_other.files == {(other.id, files.id): InFile(NOW)}


def test_what_ends_while_a_page_is_put_together_is_told_as_it_was_or_as_it_is(
    session: Session, build: Build
) -> None:
    dealer = build.dealer()
    car, app = build.vehicle(dealer), build.activation(dealer)
    seen = build.transfer(car, app, state="sending", action="update")
    session.commit()
    assert seen.state == "sending"  # read before it ends, and remembered by the session
    with Session(session.get_bind()) as elsewhere:
        elsewhere.execute(update(Transfer).where(Transfer.id == seen.id).values(state="ok", finished_at=NOW))
        elsewhere.commit()
    [status_input] = status_inputs(session, dealer, [car], [app])[car.id]
    assert german(status_line(status_input).last_result)
    assert (status_input.open, status_input.last) == (seen, None)
