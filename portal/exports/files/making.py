"""Everything that writing a file takes, read once: the app's writer for one activation."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from portal.exports.context import Context
from portal.exports.files.schedule import ZONE
from portal.models.accounts import Dealer, Location
from portal.models.exports import Activation
from portal.platforms import get_app
from portal.platforms.contract.files import FileSide, Surroundings, Writer

PICTURES = "/feeds/pictures"


def side_of(activation: Activation) -> FileSide:
    """ValueError for an app without files."""
    side = get_app(activation.app).file
    if side is None:
        raise ValueError(f"{activation.app} sends no files")
    return side


def writer_for(session: Session, context: Context, portal_url: str) -> Writer:
    activation = context.activation
    around = surroundings(session, activation, portal_url)
    return side_of(activation).writer(activation.settings, context.account, context.rules, around)


def surroundings(session: Session, activation: Activation, portal_url: str) -> Surroundings:
    dealer = session.get_one(Dealer, activation.dealer_id)
    location = session.get_one(Location, activation.location_id)
    return Surroundings(
        picture_base=f"{portal_url}{PICTURES}",
        dealer_name=dealer.name,
        location_name=location.name,
        street=location.street,
        postal_code=location.postal_code,
        city=location.city,
        phone=location.phone,
        email=dealer.lms_address,
        today=datetime.now(UTC).astimezone(ZONE).date().isoformat(),
    )
