"""What a dealer said that his spelling of a model means at a platform."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Created, Moment, PublicId


class KnownModel(Base):
    """`key` is the model at the platform of `app`, `label` its name there. `make` and `model` are as the
    dealer writes them; `words` are those of the title where the model is a group or has no name, else empty.

    It holds at all locations of the dealer.
    """

    __tablename__ = "known_model"
    __table_args__ = (UniqueConstraint("dealer_id", "app", "make", "model", "words"),)

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    app: Mapped[str] = mapped_column(String(40))
    make: Mapped[str] = mapped_column(String(60))
    model: Mapped[str] = mapped_column(String(60))
    words: Mapped[str] = mapped_column(String(400))
    key: Mapped[str] = mapped_column(String(100))
    label: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Created]
    updated_at: Mapped[Moment] = mapped_column(server_default=text("now()"))
