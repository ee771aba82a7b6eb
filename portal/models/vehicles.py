"""Vehicles, their pictures, their release per activation, and imports."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DDL,
    ColumnElement,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    event,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import Location
from portal.models.base import Base, Created, Moment, PublicId, Words
from portal.vehicle_facts.data import VehicleData


def _fact(path: str) -> Computed:
    """A stored column computed from `data`: one truth, and still an index over it."""
    return Computed(path, persisted=True)


_SEARCHED = "lower({})".format(
    " || ' ' || ".join(
        f"coalesce(data->>'{name}', '')"
        for name in ("offer_number", "vin", "make", "model", "model_description")
    )
)
"""What the search of the vehicle list looks through."""

NO_PROBLEMS: ColumnElement[Any] = literal_column("'[]'::jsonb")
"""A literal, not a parameter: only so the partial indexes serve prepared statements as well."""
OUT_OF_SALE = """NOT online OR withdrawn_at IS NOT NULL OR data->>'reserved' = 'true'
    OR data->>'sold' = 'true' OR data->>'roadworthy' = 'false'"""
"""What some platforms must not show even for hours (exports/stock_files/control.py)."""


class Vehicle(Base):
    """A vehicle of a location. `data` is a `VehicleData` without its defaults.

    `withdrawn_at` is set when it left the stock; its number is free again from then on.
    `problems` are the reasons why no platform can publish it (red), as `Feedback` JSON.
    """

    __tablename__ = "vehicle"
    __table_args__ = (
        Index(
            "uq_vehicle_active_number",
            "location_id",
            "offer_number",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(
            "ix_vehicle_withdrawn_number",
            "location_id",
            "offer_number",
            postgresql_where=text("withdrawn_at IS NOT NULL"),
        ),
        Index(
            "ix_vehicle_problems",
            "dealer_id",
            postgresql_where=text("problems <> '[]'::jsonb AND withdrawn_at IS NULL"),
        ),
        Index("ix_vehicle_dealer_vin", "dealer_id", "vin"),
        Index("ix_vehicle_dealer_number", "dealer_id", "offer_number"),
        Index(
            "ix_vehicle_dealer_stock_date",
            "dealer_id",
            text("coalesce(stock_date, '')"),
            "id",
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(
            "ix_vehicle_dealer_price",
            "dealer_id",
            text("coalesce(price, 0)"),
            "id",
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_vehicle_out_of_sale", "dealer_id", "updated_at", postgresql_where=text(OUT_OF_SALE)),
    )

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    online: Mapped[bool] = mapped_column(server_default=text("false"))
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    withdrawn_at: Mapped[Moment | None]
    row_mark: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """Of the row of a stock file that says what `data` say, by its `ImportMemory`; whoever changes the data
    otherwise, or moves the vehicle, takes it away."""

    offer_number: Mapped[str] = mapped_column(String(40), _fact("data->>'offer_number'"))
    vin: Mapped[str | None] = mapped_column(String(17), _fact("data->>'vin'"))
    kind: Mapped[str] = mapped_column(String(30), _fact("coalesce(data->>'kind', 'used')"))
    make: Mapped[str | None] = mapped_column(String(60), _fact("data->>'make'"))
    model: Mapped[str | None] = mapped_column(String(60), _fact("data->>'model'"))
    price: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 2), _fact("(data#>>'{prices,selling}')::numeric")
    )
    mileage: Mapped[int | None] = mapped_column(_fact("(data->>'mileage')::integer"))
    stock_date: Mapped[str | None] = mapped_column(String(10), _fact("data->>'stock_date'"))
    search: Mapped[str] = mapped_column(Text, _fact(_SEARCHED), deferred=True)

    location: Mapped[Location] = relationship()
    images: Mapped[list[VehicleImage]] = relationship(
        back_populates="vehicle", order_by="VehicleImage.position", cascade="all, delete-orphan"
    )

    @property
    def title(self) -> str:
        """As a list names it; empty where the facts name neither make nor model."""
        parts = (self.data.get(name) for name in ("make", "model", "model_description"))
        return " ".join(part for part in parts if part)

    def facts(self) -> VehicleData:
        return VehicleData.model_validate(self.data)

    def set_facts(self, facts: VehicleData) -> None:
        self.data = facts.model_dump(mode="json", exclude_defaults=True)


ROW_MARK_TRIGGER = """
CREATE OR REPLACE FUNCTION vehicle_forget_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.row_mark := NULL;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER vehicle_forget_row BEFORE UPDATE ON vehicle FOR EACH ROW WHEN (
    OLD.row_mark IS NOT NULL AND NEW.row_mark IS NOT DISTINCT FROM OLD.row_mark
    AND (NEW.data IS DISTINCT FROM OLD.data OR NEW.location_id <> OLD.location_id))
    EXECUTE FUNCTION vehicle_forget_row();
"""
event.listen(Base.metadata, "after_create", DDL(ROW_MARK_TRIGGER))  # type: ignore[no-untyped-call]


class ImportMemory(Base):
    """What the marks of a location's vehicles stand for that were made by one layout: read by this code, in
    files that carry no other facts than these, such a row is what its vehicle's data say."""

    __tablename__ = "import_memory"

    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="CASCADE"), primary_key=True)
    layout_key: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    stated: Mapped[list[str]] = mapped_column(ARRAY(Text))


class ImageBlob(Base):
    """A JPEG and its small version, named by the SHA-256 of the JPEG.

    Kept in the database so that every machine sees the same pictures.
    """

    __tablename__ = "image_blob"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    jpeg: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    thumbnail: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[Created]


class IncomingPicture(Base):
    """A picture that came with a file and waits for its turn: `content` until it is taken in, then `sha256`.

    Rows of a vehicle go all at once, when it has got its pictures."""

    __tablename__ = "incoming_picture"
    __table_args__ = (
        Index("ix_incoming_picture_vehicle", "vehicle_id"),
        Index("ix_incoming_picture_import", "import_id"),
        Index("ix_incoming_picture_content", "id", postgresql_where=text("content IS NOT NULL")),
        Index("ix_incoming_picture_left", "vehicle_id", postgresql_where=text("content IS NOT NULL")),
        Index("ix_incoming_picture_taken", "vehicle_id", postgresql_where=text("content IS NULL")),
    )

    id: Mapped[PublicId]
    import_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle_import.id", ondelete="CASCADE"))
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"))
    offer_number: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]
    given_sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    sha256: Mapped[str | None] = mapped_column(ForeignKey("image_blob.sha256"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    claimed_at: Mapped[Moment | None]
    created_at: Mapped[Created]


class VehicleImage(Base):
    __tablename__ = "vehicle_image"
    __table_args__ = (
        UniqueConstraint("vehicle_id", "position", deferrable=True, initially="DEFERRED"),
        Index("ix_vehicle_image_sha256", "sha256"),
        Index("ix_vehicle_image_given", "given_sha256", postgresql_where=text("given_sha256 <> ''")),
    )

    id: Mapped[PublicId]
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"))
    sha256: Mapped[str] = mapped_column(ForeignKey("image_blob.sha256"))
    given_sha256: Mapped[str] = mapped_column(String(64), server_default=text("''"))
    """Of the bytes as they came in, by which tools know their own files; empty for pictures of before."""
    position: Mapped[int]
    published: Mapped[bool] = mapped_column(server_default=text("true"))

    vehicle: Mapped[Vehicle] = relationship(back_populates="images")
    blob: Mapped[ImageBlob] = relationship()


ODD = {"odd": True}
"""Marks a hint about what is odd at a vehicle, whatever the platform."""
IS_ODD = """released AND hints @> '[{"odd": true}]'::jsonb"""
"""Of a publication, as its index has it."""


class Publication(Base):
    """A vehicle × an activation: its release there, its own price and paid extras,
    and what preflight found the last time (`problems` block and make it orange, `hints` do not)."""

    __tablename__ = "publication"
    __table_args__ = (
        Index("ix_publication_activation", "activation_id", "vehicle_id"),
        Index(
            "ix_publication_problems",
            "activation_id",
            postgresql_where=text("released AND problems <> '[]'::jsonb"),
        ),
        Index("ix_publication_odd", "activation_id", "vehicle_id", postgresql_where=text(IS_ODD)),
    )

    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"), primary_key=True)
    activation_id: Mapped[UUID] = mapped_column(
        ForeignKey("activation.id", ondelete="CASCADE"), primary_key=True
    )
    released: Mapped[bool] = mapped_column(server_default=text("false"))
    price: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    bookings: Mapped[list[str]] = mapped_column(ARRAY(String(60)), server_default=text("'{}'"))
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    hints: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))


class VehicleImport(Base):
    """One import of a file and its counts. `error` is set when the file could not be read at all."""

    __tablename__ = "vehicle_import"
    __table_args__ = (Index("ix_vehicle_import_dealer", "dealer_id", "created_at"),)

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    partial: Mapped[bool]
    charset: Mapped[str] = mapped_column(String(20), server_default="")
    taken: Mapped[int] = mapped_column(server_default=text("0"))
    changed: Mapped[int] = mapped_column(server_default=text("0"))
    unchanged: Mapped[int] = mapped_column(server_default=text("0"))
    rejected: Mapped[int] = mapped_column(server_default=text("0"))
    withdrawn: Mapped[int] = mapped_column(server_default=text("0"))
    remarked: Mapped[int] = mapped_column(server_default=text("0"))
    """Vehicles that were taken although something of their rows was not read."""
    pictures: Mapped[int] = mapped_column(server_default=text("0"))
    """That the file brought for vehicles that were taken, without those that cannot be read."""
    pictures_refused: Mapped[int] = mapped_column(server_default=text("0"))
    cut_short: Mapped[bool] = mapped_column(server_default=text("false"))
    """A complete import that withdrew so much that the file was probably cut: the brake stops."""
    error: Mapped[Words]
    note: Mapped[Words]
    """What is odd about the file although it was taken."""
    created_at: Mapped[Created]
    finished_at: Mapped[Moment | None]

    location: Mapped[Location] = relationship()


class ImportRow(Base):
    """A row of an import that was refused, or a cell of one that was taken: where and why."""

    __tablename__ = "import_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle_import.id", ondelete="CASCADE"), index=True)
    line: Mapped[int]
    column: Mapped[str] = mapped_column(String(80), server_default="")
    offer_number: Mapped[str] = mapped_column(String(80), server_default="")
    value: Mapped[str] = mapped_column(String(200), server_default="")
    reason: Mapped[Words]
    refused: Mapped[bool] = mapped_column(server_default=text("true"))
    """False: the vehicle was taken without this fact."""
