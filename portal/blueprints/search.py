"""One search for everything that can be opened: the command palette, and a page where there is no script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.blueprints.settings.menu import ENTRIES
from portal.blueprints.vehicles.head import title_of
from portal.extensions import db
from portal.models import Activation
from portal.models.exports import ActivationState, AppKind
from portal.vehicles.lookup import look_up
from portal.web.access import current_realm, dealer, may
from portal.web.apps import app_icon, app_name
from portal.web.responses import fragment

blueprint = Blueprint("search", __name__)

LONGEST = 60
MOST, MOST_AT_APPS = 6, 8
"""Hits of a kind."""
LOOKED_AT = 200
"""Activations among which is looked for a name or a number."""


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    icon: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    name: LazyString
    hits: Sequence[Hit]


@dataclass(frozen=True)
class Destination:
    """A page, or the page on which something is done. `words`: what else people call it."""

    endpoint: str
    label: LazyString
    icon: str
    right: str = "view"
    words: LazyString | str = ""

    @property
    def hit(self) -> Hit:
        return Hit(str(self.label), url_for(self.endpoint), self.icon)


PAGES = (
    Destination("overview.page", _("Übersicht"), "layout-dashboard", words=_("Start heute")),
    Destination("vehicles.page", _("Fahrzeuge"), "car", words=_("Bestand Autos")),
    Destination(
        "problems.page", _("Handlungsbedarf"), "alert-triangle", words=_("Fehler Probleme abgelehnt")
    ),
    Destination("activations.page", _("Meine Apps"), "plug-connected", words=_("Export Plattformen")),
    Destination("store.page", _("AppStore"), "apps", words=_("Export Plattformen")),
    Destination("notifications.page", _("Benachrichtigungen"), "bell", words=_("Postfach")),
    Destination("account.page", _("Mein Zugang"), "user-cog", words=_("Passwort zweiter Faktor Konto")),
    Destination("help.page", _("Hilfe"), "help-circle"),
)
ACTIONS = (
    Destination("vehicles.new", _("Fahrzeug anlegen"), "plus", "edit_vehicles", words=_("neu")),
    Destination(
        "vehicles.import_page", _("Bestand importieren"), "upload", "edit_vehicles", words=_("Datei CSV")
    ),
    Destination("problems.models", _("Modelle zuordnen"), "list-check", "edit_vehicles"),
    Destination("store.page", _("App aktivieren"), "plug-connected", "activate_apps", words=_("neu Export")),
    Destination(
        "settings.new_user", _("Nutzer einladen"), "user-plus", "manage_users", words=_("neu Kollege")
    ),
)


@blueprint.get("/search")
@dealer("view")
def page() -> str:
    text = request.args.get("q", "").replace("\x00", "").strip()[:LONGEST]
    template = "search/_results.html" if fragment() else "search/page.html"
    return render_template(template, text=text, groups=find(text), as_options=fragment())


def find(text: str) -> list[Group]:
    """What may be opened by who is logged in, by kind; without a text where people mostly go."""
    everywhere = [Destination(entry.endpoint, entry.label, entry.icon, entry.right) for entry in ENTRIES]
    vehicles = [
        Hit(
            title_of(found),
            url_for("vehicles.edit", vehicle_id=found.id),
            "car",
            " · ".join(filter(None, (found.offer_number, found.vin, found.location.name))),
        )
        for found in (look_up(db.session(), current_realm(), text, MOST) if text else ())
    ]
    groups = (
        Group(_("Fahrzeuge"), vehicles),
        Group(_("Apps"), list(_apps(text))[:MOST_AT_APPS]),
        Group(_("Aktionen"), _matching(ACTIONS, text)),
        Group(_("Seiten"), _matching((*PAGES, *everywhere) if text else PAGES, text)),
    )
    return [group for group in groups if group.hits]


def _apps(text: str) -> Iterator[Hit]:
    """Each app, and what can be done there once something is asked for."""
    mine = (
        select(Activation)
        .where(current_realm().of(Activation), Activation.state != ActivationState.DEACTIVATED)
        .options(joinedload(Activation.location))
        .order_by(Activation.app, Activation.customer_number)
        .limit(LOOKED_AT)
    )
    for activation in db.session.scalars(mine):
        name, icon = app_name(activation.app), app_icon(activation.app)
        note = f"{activation.customer_number} · {activation.location.name}"
        for endpoint, label in _ways(activation):
            title = f"{name}: {label}" if label else name
            if (text or not label) and _says(f"{title} {note}", text):
                yield Hit(title, url_for(endpoint, activation_id=activation.id), icon, note)


def _ways(activation: Activation) -> Iterator[tuple[str, LazyString | str]]:
    if activation.state == ActivationState.DRAFT:
        yield "activations.settings", ""
        return
    yield "history.page", ""
    if activation.state == ActivationState.RECONCILING:
        yield "reconciliation.page", _("Bestand abgleichen")
    yield "activations.listings", _("Inserate")
    if activation.kind == AppKind.API:
        yield "activations.next_transfer", _("Vorschau")
        if may("edit_vehicles"):
            yield "activations.trial", _("Testübertragung")
        if may("full_transfer") and activation.state != ActivationState.CLOSING:
            yield "activations.full_transfer", _("Komplettübertragung")
    yield "activations.settings", _("Einstellungen")
    if may("activate_apps"):
        yield "audit.of_app", _("Zugriffe")
        yield "activations.deactivate", _("Deaktivieren")


def _matching(places: Iterable[Destination], text: str) -> list[Hit]:
    found = (place for place in places if may(place.right) and _says(f"{place.label} {place.words}", text))
    return [place.hit for place in found][: MOST if text else None]


def _says(said: str, text: str) -> bool:
    return all(word in said.casefold() for word in text.casefold().split())
