"""Finding apps in the store: by text, kind and country. The apps are code, so this is plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Activation
from portal.models.exports import ActivationState
from portal.platforms import APPS
from portal.platforms.contract import ExportApp
from portal.security.realm import Realm
from portal.web.wording import translated

ORDER = (
    ActivationState.LOCKED,
    ActivationState.RECONCILING,
    ActivationState.STOPPED,
    ActivationState.ACTIVE,
    ActivationState.CLOSING,
    ActivationState.DRAFT,
    ActivationState.DEACTIVATED,
)
LONGEST_TEXT = 80

Mine = Mapping[str, Sequence[Activation]]


@dataclass(frozen=True)
class StoreFilter:
    text: str = ""
    kind: Literal["", "api", "file"] = ""
    country: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> StoreFilter:
        """Read the query of a URL; what is not on offer is left out."""
        kind = args.get("kind", "")
        country = args.get("country", "")
        return cls(
            text=args.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT],
            kind="api" if kind == "api" else "file" if kind == "file" else "",
            country=country if country in countries() else "",
        )

    @property
    def narrows(self) -> bool:
        return self != StoreFilter()


@dataclass(frozen=True)
class Entry:
    app: ExportApp
    activations: Sequence[Activation]


def find(wanted: StoreFilter, mine: Mine) -> list[Entry]:
    return [
        Entry(app, mine.get(app.included_in or app.slug, ()))
        for app in APPS.values()
        if _matches(app, wanted)
    ]


def mine(session: Session, realm: Realm) -> dict[str, list[Activation]]:
    """The dealer's activations by app, the one that matters most first: one query."""
    found: dict[str, list[Activation]] = {}
    for activation in session.scalars(select(Activation).where(realm.of(Activation))):
        found.setdefault(activation.app, []).append(activation)
    for activations in found.values():
        activations.sort(key=lambda row: (ORDER.index(ActivationState(row.state)), row.customer_number))
    return found


def countries() -> tuple[str, ...]:
    return tuple(sorted({country for app in APPS.values() for country in app.countries}))


def kinds() -> tuple[str, ...]:
    return tuple(sorted({app.kind for app in APPS.values()}))


def _matches(app: ExportApp, wanted: StoreFilter) -> bool:
    if wanted.kind and app.kind != wanted.kind:
        return False
    if wanted.country and wanted.country not in app.countries:
        return False
    searched = _plain(f"{translated(app.name)} {app.slug} {translated(app.summary)} {_kind_word(app)}")
    return all(_plain(word) in searched for word in wanted.text.split())


def _plain(text: str) -> str:
    """Spaces, dots and dashes make no difference: "mobile de" finds mobile.de."""
    return "".join(char for char in text.casefold() if char.isalnum())


def _kind_word(app: ExportApp) -> str:
    return _("API") if app.kind == "api" else _("Datei")
