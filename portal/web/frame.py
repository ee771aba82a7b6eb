"""What stands around every page: the menu, the dealer's name, the number of open problems."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request
from flask_babel import gettext as _
from flask_login import current_user

from portal.models import User
from portal.web import attention, support_session
from portal.web.access import chosen_location, current_dealer, current_locations, current_realm, may
from portal.web.addresses import url_for

MANY_UNREAD = 99
LOG = "support.audit_log"
NUMBERS = "support.numbers"
NUMBER_PAGES = (NUMBERS, "support.bind_number", "support.number")
SWITCHED = ("overview.page", "activations.page")
PAGES_OF_APPS = ("history", "reconciliation", "audit", "locks", "configurator")
NARROWED = (*SWITCHED, "vehicles.page")
"""Lists that an address narrows to one location. That of vehicles has a field for it among its filters."""


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    icon: str
    current: bool
    count: str = ""


@dataclass(frozen=True)
class Frame:
    menu: tuple[Item, ...]
    dealer_name: str
    home: str
    inbox: Item | None = None
    search: str = ""
    """Where everything of the dealer is searched; empty for an agent who is at no dealer's."""
    places: tuple[Item, ...] = ()
    """The switch between locations, on pages that show it and for users of more than one."""


def frame() -> Frame | None:
    """The frame of a logged-in user; None before the login."""
    if not current_user.is_authenticated:
        return None
    if current_user.dealer_id is None and support_session.current() is None:
        return Frame(_menu_of_operator(), current_app.extensions["settings"].operator_name, home())
    unread = attention.current(current_realm()).unread
    count = f"{MANY_UNREAD}+" if unread > MANY_UNREAD else str(unread or "")
    inbox = _item(_("Benachrichtigungen"), "notifications.page", icon="bell", count=count)
    return Frame(_menu(), current_dealer().name, home(), inbox, url_for("search.page"), _places())


def home_of(user: User) -> str:
    """Where a user lands after the login."""
    if user.dealer_id:
        return url_for("overview.page")
    return url_for("support.page") if user.role == support_session.SUPPORT else url_for("help.page")


def home() -> str:
    """Where a user lands: at his dealer's, an agent among the dealers whom he can help."""
    return url_for("overview.page") if support_session.current() else home_of(current_user)


def _menu_of_operator() -> tuple[Item, ...]:
    pages: tuple[Item, ...] = ()
    if support_session.is_agent():
        pages = (
            _item(
                _("Support"),
                "support.page",
                icon="headset",
                only=request.endpoint not in (LOG, *NUMBER_PAGES),
            ),
            _item(_("Kundennummern"), NUMBERS, icon="id", only=request.endpoint in NUMBER_PAGES),
            _item(_("Protokoll"), LOG, icon="list-details", only=request.endpoint == LOG),
        )
    return (*pages, _item(_("Hilfe"), "help.page", icon="help-circle"))


def _menu() -> tuple[Item, ...]:
    problems = attention.current(current_realm()).badge
    settings = "settings.export" if may("settings") else "settings.notifications"
    return (
        _item(_("Übersicht"), "overview.page", icon="layout-dashboard"),
        _item(_("Fahrzeuge"), "vehicles.page", icon="car"),
        _item(_("AppStore"), "store.page", icon="apps"),
        _item(_("Meine Apps"), "activations.page", icon="plug-connected", also=PAGES_OF_APPS),
        _item(_("Handlungsbedarf"), "problems.page", icon="alert-triangle", count=problems),
        _item(_("Einstellungen"), settings, icon="settings"),
    )


def _places() -> tuple[Item, ...]:
    if request.endpoint not in SWITCHED:
        return ()
    places, chosen = current_locations(), chosen_location()
    if len(places) < 2:
        return ()
    return (
        Item(_("alle"), url_for(request.endpoint), "map-pin", chosen is None),
        *(
            Item(place.name, url_for(request.endpoint, location=place.id), "map-pin", place is chosen)
            for place in places
        ),
    )


def _item(
    label: str, endpoint: str, *, icon: str, also: tuple[str, ...] = (), count: str = "", only: bool = True
) -> Item:
    """`only` tells entries of one area apart. From one list to the next the location stays."""
    area = endpoint.partition(".")[0]
    current = request.blueprint in (area, *also) and only
    place = chosen_location() if endpoint in NARROWED and request.endpoint in NARROWED else None
    url = url_for(endpoint, location=place.id) if place else url_for(endpoint)
    return Item(label, url, icon, current, count)
