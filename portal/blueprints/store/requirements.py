"""What a dealer should have in order before he activates an app: counted in two queries."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.models import Location, Vehicle, VehicleImage
from portal.security.realm import Realm
from portal.vehicle_facts.data import Kind, VehicleClass
from portal.web.templating import number

LABELLED_KINDS = (Kind.NEW, Kind.DEMONSTRATOR)
LABELLED_MILEAGE = 1000
"""A used car below it counts as new for the EnVKV (km)."""
NO_PRICE = "price-missing"
CONSUMPTION = (("fuel", "combined"), ("power", "combined"), ("weighted_fuel",), ("weighted_power",))


@dataclass(frozen=True)
class Requirement:
    """`done` False: something is left to do, at `url`."""

    done: bool
    text: str
    url: str | None = None


@dataclass(frozen=True)
class Stock:
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


def checklist(session: Session, realm: Realm) -> list[Requirement]:
    places = session.scalar(select(func.count()).select_from(Location).where(realm.of(Location)))
    stock = _stock(session, realm)
    about_vehicles = [_switched_on(stock), *_gaps(stock)] if stock.vehicles else []
    return [_place(places or 0), _in_stock(stock), *about_vehicles]


def _place(count: int) -> Requirement:
    if count:
        text = ngettext("1 Standort ist angelegt", "%(num)d Standorte sind angelegt", count)
        return Requirement(True, text)
    return Requirement(False, _("Kein Standort ist angelegt"), url_for("settings.locations"))


def _in_stock(stock: Stock) -> Requirement:
    if not stock.vehicles:
        return Requirement(False, _("Kein Fahrzeug im Bestand"), url_for("vehicles.import_page"))
    count = number(stock.vehicles)
    text = ngettext("1 Fahrzeug im Bestand", "%(n)s Fahrzeuge im Bestand", stock.vehicles, n=count)
    return Requirement(True, text, url_for("vehicles.page"))


def _switched_on(stock: Stock) -> Requirement:
    text = _("%(n)s von %(all)s Fahrzeugen sind online geschaltet", **_of(stock.online, stock.vehicles))
    url = url_for("vehicles.page", online="yes" if stock.online else "no")
    return Requirement(stock.online > 0, text, url)


def _gaps(stock: Stock) -> list[Requirement]:
    return [_labels(stock), _prices(stock), _pictures(stock), _errors(stock)]


def _labels(stock: Stock) -> Requirement:
    if not stock.unlabelled:
        return Requirement(True, _("Alle Fahrzeuge, die es brauchen, haben Verbrauchswerte"))
    text = _(
        "%(n)s von %(all)s Fahrzeugen mit EnVKV-Pflicht ohne Verbrauchswerte",
        **_of(stock.unlabelled, stock.labelled),
    )
    return Requirement(False, text, url_for("vehicles.page", kind=str(Kind.NEW)))


def _prices(stock: Stock) -> Requirement:
    if not stock.unpriced:
        return Requirement(True, _("Alle Fahrzeuge haben einen Preis"))
    text = _("%(n)s von %(all)s Fahrzeugen ohne Preis", **_of(stock.unpriced, stock.vehicles))
    return Requirement(False, text, url_for("vehicles.page", problem=NO_PRICE))


def _pictures(stock: Stock) -> Requirement:
    if not stock.unpictured:
        return Requirement(True, _("Alle Fahrzeuge haben Bilder"))
    text = _("%(n)s von %(all)s Fahrzeugen ohne Bild", **_of(stock.unpictured, stock.vehicles))
    return Requirement(False, text, url_for("vehicles.page"))


def _errors(stock: Stock) -> Requirement:
    if not stock.impossible:
        return Requirement(True, _("Kein Fahrzeug hat einen Fehler, der jede Veröffentlichung verhindert"))
    text = _(
        "%(n)s von %(all)s Fahrzeugen lassen sich so nirgends veröffentlichen",
        **_of(stock.impossible, stock.vehicles),
    )
    return Requirement(False, text, url_for("vehicles.page", state="problem"))


def _of(part: int, whole: int) -> dict[str, str]:
    return {"n": number(part), "all": number(whole)}


def _stock(session: Session, realm: Realm) -> Stock:
    labelled = _labelled()
    row = session.execute(
        select(
            func.count(),
            func.count().filter(Vehicle.online),
            func.count().filter(labelled),
            func.count().filter(and_(labelled, _without_values())),
            func.count().filter(Vehicle.problems.contains([{"code": NO_PRICE}])),
            func.count().filter(~exists().where(VehicleImage.vehicle_id == Vehicle.id)),
            func.count().filter(func.jsonb_array_length(Vehicle.problems) > 0),
        ).where(realm.of(Vehicle), Vehicle.withdrawn_at.is_(None))
    ).one()
    return Stock(*row)


def _labelled() -> ColumnElement[bool]:
    """Cars that must show their values (EnVKV): new ones, demonstrators, and those driven little."""
    car = func.coalesce(Vehicle.data["vehicle_class"].as_string(), VehicleClass.CAR) == VehicleClass.CAR
    little = and_(Vehicle.kind != Kind.CLASSIC, Vehicle.mileage < LABELLED_MILEAGE)
    return and_(car, or_(Vehicle.kind.in_(LABELLED_KINDS), little))


def _without_values() -> ColumnElement[bool]:
    """No consumption at all, or no class: what every drive has to state."""
    energy = Vehicle.data["energy"]
    values = [energy[path].as_string() for path in CONSUMPTION]
    consumed = or_(*(value.is_not(None) for value in values))
    return or_(~consumed, energy["co2_class"].as_string().is_(None))
