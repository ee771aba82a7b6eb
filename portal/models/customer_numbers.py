"""Whose number at a platform it is, and who vouched for that (spec: "Whose number it is")."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import Dealer
from portal.models.base import Base, Created, Moment, PublicId


class NumberState(StrEnum):
    REQUESTED = "requested"
    BOUND = "bound"
    REFUSED = "refused"
    RELEASED = "released"


class CustomerNumber(Base):
    """A dealer's claim to a customer number of a platform, from the request to its end.

    One row for each claim: the rows of a number are its history. At most one of them is bound, whatever
    happened to the apps that used it; only a bound number shows, reads and activates anything.
    """

    __tablename__ = "customer_number"
    __table_args__ = (
        Index(
            "uq_customer_number_bound",
            "platform",
            "number",
            unique=True,
            postgresql_where=text("state = 'bound'"),
        ),
        Index(
            "uq_customer_number_requested",
            "platform",
            "number",
            "dealer_id",
            unique=True,
            postgresql_where=text("state = 'requested'"),
        ),
        Index("ix_customer_number_dealer", "dealer_id"),
    )

    id: Mapped[PublicId]
    platform: Mapped[str] = mapped_column(String(40))
    """What its apps share: mobile.de's API and its CSV upload know one and the same number."""
    number: Mapped[str] = mapped_column(String(40))
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10), server_default=NumberState.REQUESTED)
    requested_by: Mapped[str] = mapped_column(String(200), server_default="")
    created_at: Mapped[Created]
    decided_by: Mapped[str] = mapped_column(String(200), server_default="")
    decided_at: Mapped[Moment | None]
    grounds: Mapped[str] = mapped_column(String(20), server_default="")
    """What the binding rests on: `operator`, `command`, `master_data`, or `in_use` where the number was
    served for this dealer before numbers were bound at all."""
    released_by: Mapped[str] = mapped_column(String(200), server_default="")
    released_at: Mapped[Moment | None]

    dealer: Mapped[Dealer] = relationship()
