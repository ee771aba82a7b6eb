"""A real inventory reaches mobile.de: everything it can take is online, everything else says why."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from portal.models import Activation, Listing, Publication, Transfer, Vehicle, VehicleImport
from portal.models.accounts import Dealer
from portal.models.exports import ListingState, TransferState
from portal.outbox import note_activation
from portal.platforms.contract.fields import defaults
from portal.platforms.mobile_de.settings import FIELDS
from portal.vehicles.release import apply_presets
from portal.vehicles.stock_import import import_stock
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace


def import_real(stage: Stage, file: Path) -> VehicleImport:
    with stage.runtime.sessions.begin() as session, file.open("rb") as stream:
        dealer = session.get_one(Dealer, stage.dealer.id)
        report = import_stock(session, stream, dealer, dealer.locations[0], file.name, partial=False)
        activation = session.get_one(Activation, stage.activation.id)
        activation.settings = defaults(FIELDS)
        apply_presets(session, dealer.id, activation=activation)
        note_activation(session, activation)
        session.refresh(report)
        session.expunge(report)
        return report


def test_all_that_mobile_de_can_take_is_online_the_rest_says_why_and_the_same_file_again_sends_nothing(
    stage: Stage, marketplace: Marketplace, shared_inventory: Path
) -> None:
    report = import_real(stage, shared_inventory)
    assert report.taken + report.rejected == 1500
    stage.drain_all()
    online = set(marketplace.online())
    blocked = {
        vehicle.offer_number
        for vehicle, publication in stage.session.execute(
            select(Vehicle, Publication).join(Publication, Publication.vehicle_id == Vehicle.id)
        )
        if vehicle.problems or publication.problems
    }
    assert online
    assert not online & blocked
    assert len(online) + len(blocked) == report.taken
    asked = {row["internalNumber"] for row in marketplace.requests("create")}
    assert asked == online, "a request was wasted on a vehicle that the platform refuses"
    before = len(marketplace.requests())
    import_real(stage, shared_inventory)
    stage.drain_all()
    assert len(marketplace.requests()) == before
    states = set(stage.session.scalars(select(Listing.state)))
    assert states <= {ListingState.ONLINE}
    assert set(stage.session.scalars(select(Transfer.state))) <= {TransferState.OK, TransferState.WARNING}
