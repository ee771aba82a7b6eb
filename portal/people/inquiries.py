"""Inquiries of customers: which @dein.auto address is forwarded to which address of the dealer. No Flask.

The portal is no mail server: it prints the map that the operator's mail server goes by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from portal.mandate import demand_dealer
from portal.messages import Wording, say
from portal.models.accounts import Dealer
from portal.notifications.smtp import clean_address

PLAIN_ADDRESS = re.compile(r"[a-z0-9_][a-z0-9_.+&'=~-]*@[a-z0-9.-]+", re.IGNORECASE)
"""Without the signs by which mail servers begin comments, commands, files and routes through others."""
NOTHING_WRONG = ""


@dataclass(frozen=True)
class Forwarding:
    """What comes for `address` goes to `target`."""

    address: str
    target: str


@dataclass(frozen=True)
class Forwardings:
    """`left_out` holds the keys of dealers whose entries cannot be carried out."""

    good: tuple[Forwarding, ...]
    left_out: tuple[str, ...]


def mappable(address: str) -> bool:
    """Whether every mail server takes it for one plain address."""
    same = (clean_address(address) or "").casefold() == address.casefold()
    return same and PLAIN_ADDRESS.fullmatch(address) is not None


def forward_inquiries(session: Session, dealer: Dealer, target: str) -> None:
    """Send them there from now on; empty for nowhere. Raises Refused: customers write to the dealer alone."""
    demand_dealer(session)
    dealer.lms_forward_to = target


def forwarding_complaint(session: Session, dealer: Dealer, target: str) -> Wording:
    """Why inquiries cannot be forwarded there; empty when they can, and for no target."""
    if not target:
        return NOTHING_WRONG
    if not mappable(target):
        return say("Bitte geben Sie eine einzelne Mailadresse an, zum Beispiel verkauf@ihr-autohaus.de.")
    if target.casefold() == dealer.lms_address.casefold():
        return say("Diese Adresse würde an sich selbst weiterleiten.")
    if session.scalar(select(exists().where(_domain() == _domain_of(target)))):
        return say(
            "Bitte geben Sie eine Adresse Ihres Hauses an: Von hier aus wird nur einmal weitergeleitet."
        )
    return NOTHING_WRONG


def find_aliases(session: Session) -> Forwardings:
    """Of dealers who have an address and want it forwarded, in the order of the addresses."""
    both = select(Dealer).where(Dealer.lms_address != "", Dealer.lms_forward_to != "")
    dealers = session.scalars(both.order_by(func.lower(Dealer.lms_address), Dealer.id)).all()
    domains = set(session.scalars(select(_domain()).where(Dealer.lms_address != "").distinct()))
    good = [
        one
        for one in dealers
        if mappable(one.lms_address)
        and mappable(one.lms_forward_to)
        # Nothing goes to an address that is itself forwarded: no circles.
        and _domain_of(one.lms_forward_to) not in domains
    ]
    return Forwardings(
        tuple(Forwarding(one.lms_address.lower(), one.lms_forward_to) for one in good),
        tuple(one.key for one in dealers if one not in good),
    )


def _domain() -> ColumnElement[str]:
    return func.lower(func.split_part(Dealer.lms_address, "@", 2))


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()
