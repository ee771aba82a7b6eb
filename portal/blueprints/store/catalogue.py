"""The app store: find an app by text, kind and country, read what it does and what is left to do for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.blueprints.store import blueprint
from portal.extensions import db
from portal.models import Activation, Location, Vehicle, VehicleImage
from portal.models.exports import ActivationState
from portal.models.realm import Realm
from portal.platforms import APPS
from portal.platforms.contract import ExportApp
from portal.vehicle_facts.data import Kind, VehicleClass
from portal.web.access import current_dealer, current_realm, dealer
from portal.web.responses import fragment
from portal.web.templating import number
from portal.web.wording import translated


@blueprint.get("/appstore")
@dealer("view")
def page() -> str:
    wanted = StoreFilter.from_args(request.args)
    found = find_apps(wanted, load_activations(db.session(), current_realm()))
    template = "store/_apps.html" if fragment() else "store/page.html"
    return render_template(template, wanted=wanted, entries=found, countries=countries(), kinds=kinds())


@blueprint.get("/appstore/<slug>")
@dealer("view")
def details(slug: str) -> str:
    app = find_app(slug)
    owner = current_dealer()
    return render_template(
        "store/details.html",
        app=app,
        dealer=owner,
        carrier=APPS.get(app.included_in),
        activations=load_activations(db.session(), current_realm()).get(app.included_in or slug, ()),
        checklist=checklist(db.session(), current_realm()),
    )


def find_app(slug: str) -> ExportApp:
    return APPS.get(slug) or abort(404)


# Finding apps in the store: by text, kind and country. The apps are code, so this is plain Python.


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

    def lets_through(self, app: ExportApp) -> bool:
        if self.kind and app.kind != self.kind:
            return False
        if self.country and self.country not in app.countries:
            return False
        kind = _("API") if app.kind == "api" else _("Datei")
        shown = (translated(app.name), app.slug, translated(app.summary), kind)
        searched = _plain(" ".join((*shown, *app.search_words)))
        return all(_plain(word) in searched for word in self.text.split())


@dataclass(frozen=True)
class StoreEntry:
    app: ExportApp
    activations: Sequence[Activation]


def find_apps(wanted: StoreFilter, mine: Mine) -> list[StoreEntry]:
    return [
        StoreEntry(app, mine.get(app.included_in or app.slug, ()))
        for app in APPS.values()
        if wanted.lets_through(app)
    ]


def load_activations(session: Session, realm: Realm) -> dict[str, list[Activation]]:
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


def _plain(text: str) -> str:
    """Spaces, dots and dashes make no difference: "mobile de" finds mobile.de."""
    return "".join(char for char in text.casefold() if char.isalnum())


# What a dealer should have in order before he activates an app: counted in two queries.


LABELLED_KINDS = (Kind.NEW, Kind.DEMONSTRATOR)
LABELLED_MILEAGE = 1000
"""A used car below it counts as new for the EnVKV (km)."""
NO_PRICE = "price-missing"
CONSUMPTION = (("fuel", "combined"), ("power", "combined"), ("weighted_fuel",), ("weighted_power",))
LABELLED: ColumnElement[bool] = and_(
    func.coalesce(Vehicle.data["vehicle_class"].as_string(), VehicleClass.CAR) == VehicleClass.CAR,
    or_(
        Vehicle.kind.in_(LABELLED_KINDS),
        and_(Vehicle.kind != Kind.CLASSIC, Vehicle.mileage < LABELLED_MILEAGE),
    ),
)
"""Cars that must show their values (EnVKV): new ones, demonstrators, and those driven little."""
WITHOUT_VALUES: ColumnElement[bool] = or_(
    ~or_(*(Vehicle.data["energy"][path].as_string().is_not(None) for path in CONSUMPTION)),
    Vehicle.data["energy"]["co2_class"].as_string().is_(None),
)
"""No consumption at all, or no class: what every drive has to state."""


@dataclass(frozen=True)
class Requirement:
    """`done` False: something is left to do, at `url`."""

    done: bool
    text: str
    url: str | None = None


@dataclass(frozen=True)
class StockCounts:
    vehicles: int
    online: int
    labelled: int
    """Vehicles that have to show consumption, CO₂ and class."""
    unlabelled: int
    """Those of them where one is missing."""
    unpriced: int
    unpictured: int
    impossible: int
    """Vehicles that no platform can publish as they are."""

    def gaps(self) -> list[Requirement]:
        """What vehicles lack, with the way to them; a line too for what none of them lacks."""
        every = self.vehicles
        return [
            _gap(
                self.unlabelled,
                _("Alle Fahrzeuge, die es brauchen, haben Verbrauchswerte"),
                _(
                    "%(n)s von %(all)s Fahrzeugen mit EnVKV-Pflicht ohne Verbrauchswerte",
                    **_of(self.unlabelled, self.labelled),
                ),
                kind=str(Kind.NEW),
            ),
            _gap(
                self.unpriced,
                _("Alle Fahrzeuge haben einen Preis"),
                _("%(n)s von %(all)s Fahrzeugen ohne Preis", **_of(self.unpriced, every)),
                problem=NO_PRICE,
            ),
            _gap(
                self.unpictured,
                _("Alle Fahrzeuge haben Bilder"),
                _("%(n)s von %(all)s Fahrzeugen ohne Bild", **_of(self.unpictured, every)),
            ),
            _gap(
                self.impossible,
                _("Kein Fahrzeug hat einen Fehler, der jede Veröffentlichung verhindert"),
                _(
                    "%(n)s von %(all)s Fahrzeugen lassen sich so nirgends veröffentlichen",
                    **_of(self.impossible, every),
                ),
                state="problem",
            ),
        ]


def checklist(session: Session, realm: Realm) -> list[Requirement]:
    places = session.scalar(select(func.count()).select_from(Location).where(realm.of(Location))) or 0
    created = ngettext("1 Standort ist angelegt", "%(num)d Standorte sind angelegt", places)
    place = (
        Requirement(True, created)
        if places
        else Requirement(False, _("Kein Standort ist angelegt"), url_for("settings.locations"))
    )
    stock = _stock(session, realm)
    if not stock.vehicles:
        url = url_for("vehicles.import_page")
        return [place, Requirement(False, _("Kein Fahrzeug im Bestand"), url)]
    count = number(stock.vehicles)
    in_stock = ngettext("1 Fahrzeug im Bestand", "%(n)s Fahrzeuge im Bestand", stock.vehicles, n=count)
    online = _("%(n)s von %(all)s Fahrzeugen sind online geschaltet", **_of(stock.online, stock.vehicles))
    return [
        place,
        Requirement(True, in_stock, url_for("vehicles.page")),
        Requirement(
            stock.online > 0, online, url_for("vehicles.page", online="yes" if stock.online else "no")
        ),
        *stock.gaps(),
    ]


def _gap(lacking: int, without: str, with_some: str, **where: Any) -> Requirement:
    if not lacking:
        return Requirement(True, without)
    return Requirement(False, with_some, url_for("vehicles.page", **where))


def _of(part: int, whole: int) -> dict[str, str]:
    return {"n": number(part), "all": number(whole)}


def _stock(session: Session, realm: Realm) -> StockCounts:
    row = session.execute(
        select(
            func.count(),
            func.count().filter(Vehicle.online),
            func.count().filter(LABELLED),
            func.count().filter(and_(LABELLED, WITHOUT_VALUES)),
            func.count().filter(Vehicle.problems.contains([{"code": NO_PRICE}])),
            func.count().filter(~exists().where(VehicleImage.vehicle_id == Vehicle.id)),
            func.count().filter(func.jsonb_array_length(Vehicle.problems) > 0),
        ).where(realm.of(Vehicle), Vehicle.withdrawn_at.is_(None))
    ).one()
    return StockCounts(*row)
