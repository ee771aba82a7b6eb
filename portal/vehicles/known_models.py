"""Models that a platform does not know by the dealer's spelling: found, assigned, remembered, taken back.

What was assigned is applied wherever vehicles are mapped (exports/planning/cases.py), however they came in.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.models import Activation, KnownModel, Location, Publication, Vehicle
from portal.models.exports import SERVED
from portal.models.realm import Realm
from portal.platforms.common.titles import likely_option, spelling_words, title_of
from portal.platforms.contract import MODEL_OF_GROUP, MODEL_OTHER
from portal.platforms.contract.answers import Options
from portal.vehicles.release import note_in_chunks

CODES = (MODEL_OTHER, MODEL_OF_GROUP)
MOST_VEHICLES = 5_000
"""Looked at for one page; whatever is beyond comes when these are assigned."""
TITLE = 200
"""Characters of a description that can be a title."""


@dataclass(frozen=True, order=True)
class ModelSpelling:
    """A model at one platform, as a dealer writes it."""

    app: str
    make: str
    model: str
    words: str = ""

    @property
    def digest(self) -> str:
        """Names it in a form."""
        spelled = "\n".join((self.app, self.make, self.model, self.words))
        return hashlib.sha256(spelled.encode()).hexdigest()[:20]

    @property
    def text(self) -> str:
        name = f"{self.make} {self.model}"
        return f"{name}: {self.words}" if self.words else name


@dataclass(frozen=True)
class OpenModel:
    """A spelling that is not clear at a platform, with what it may mean there."""

    spelling: ModelSpelling
    options: Options
    likely: str
    """The key that is chosen beforehand; empty: somebody has to choose."""
    title: str
    """Of the first vehicle."""
    vehicle_ids: Sequence[UUID] = field(default_factory=list)

    def label(self, key: str) -> str | None:
        """The platform's name of an option; None for what was not offered."""
        return dict(self.options).get(key)


def find_open_models(session: Session, realm: Realm, vehicle_id: UUID | None = None) -> list[OpenModel]:
    """Of the stock or of one vehicle, with suggestions; what concerns most vehicles first."""
    statement = _hinted(realm)
    if vehicle_id is not None:
        statement = statement.where(Vehicle.id == vehicle_id)
    found: dict[ModelSpelling, OpenModel] = {}
    for app, key, make, model, description, text, hints in session.execute(statement):
        title = title_of(description or "", text or "")
        spelling = ModelSpelling(app, make or "", model or "", spelling_words(model or "", title))
        told = next((hint.get("options", ()) for hint in hints if hint["code"] in CODES), ())
        options = tuple((str(one), str(name)) for one, name in told)
        if options:
            known = found.setdefault(
                spelling, OpenModel(spelling, options, likely_option(options, title), title)
            )
            if key not in known.vehicle_ids:
                found[spelling] = replace(known, vehicle_ids=[*known.vehicle_ids, key])
    for row in find_known_models(session, realm.dealer_id) if found else ():
        # It was assigned since the hint was written; a model that is offered no more is asked for anew.
        assigned = found.get(spelling_of(row))
        if assigned is not None and assigned.label(row.key) is not None:
            del found[assigned.spelling]
    return sorted(found.values(), key=lambda one: (-len(one.vehicle_ids), one.spelling))


def _hinted(realm: Realm) -> Select[Any]:
    unclear = or_(*(Publication.hints.contains([{"code": code}]) for code in CODES))
    return (
        select(Activation.app, Vehicle.id, Vehicle.make, Vehicle.model, *_titled(), Publication.hints)
        .join(Publication, Publication.activation_id == Activation.id)
        .join(
            Vehicle, (Vehicle.id == Publication.vehicle_id) & (Vehicle.location_id == Activation.location_id)
        )
        .where(realm.of(Activation), Activation.state.in_(SERVED), realm.of(Vehicle))
        .where(Vehicle.withdrawn_at.is_(None), Vehicle.online, Publication.released, unclear)
        .order_by(Vehicle.id)
        .limit(MOST_VEHICLES)
    )


def _titled() -> tuple[Any, Any]:
    description = Vehicle.data["description"].as_string()
    return Vehicle.data["model_description"].as_string(), func.left(description, TITLE)


def works_everywhere(session: Session, realm: Realm) -> bool:
    """Whether the realm holds all locations: what is assigned holds at each of them."""
    if not realm.limited:
        return True
    elsewhere = exists().where(Location.dealer_id == realm.dealer_id, Location.id.not_in(realm.location_ids))
    return not session.scalar(select(elsewhere))


def assign_models(
    session: Session, dealer_id: UUID, chosen: Mapping[ModelSpelling, tuple[str, str]]
) -> Sequence[UUID]:
    """Remember what spellings mean, key and name, and note the vehicles concerned, which are returned. The
    caller commits."""
    for spelling, (key, label) in sorted(chosen.items()):
        said = {"key": key, "label": label}
        where = {"dealer_id": dealer_id, "app": spelling.app, "make": spelling.make}
        statement = insert(KnownModel).values(**where, model=spelling.model, words=spelling.words, **said)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["dealer_id", "app", "make", "model", "words"],
                set_={**said, "updated_at": func.now()},
            )
        )
    return _note(session, dealer_id, chosen)


def forget_model(session: Session, known: KnownModel) -> Sequence[UUID]:
    """Take it back: vehicles spelled so are listed as if nothing had been assigned. The caller commits."""
    session.delete(known)
    session.flush()
    return _note(session, known.dealer_id, [spelling_of(known)])


def find_known_models(session: Session, dealer_id: UUID) -> Sequence[KnownModel]:
    mine = select(KnownModel).where(KnownModel.dealer_id == dealer_id)
    return session.scalars(mine.order_by(KnownModel.make, KnownModel.model, KnownModel.words)).all()


def spelling_of(known: KnownModel) -> ModelSpelling:
    return ModelSpelling(known.app, known.make, known.model, known.words)


def _note(session: Session, dealer_id: UUID, spellings: Iterable[ModelSpelling]) -> Sequence[UUID]:
    """Vehicles in stock that are spelled so are planned anew, like after any other change."""
    words: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in spellings:
        words[one.make, one.model].add(one.words)
    candidates = select(Vehicle.id, Vehicle.make, Vehicle.model, *_titled()).where(
        Vehicle.dealer_id == dealer_id,
        Vehicle.withdrawn_at.is_(None),
        tuple_(Vehicle.make, Vehicle.model).in_(list(words)),
    )
    concerned = [
        key
        for key, make, model, description, text in session.execute(candidates)
        if spelling_words(model, title_of(description or "", text or "")) in words[make, model]
    ]
    note_in_chunks(session, concerned)
    return concerned
