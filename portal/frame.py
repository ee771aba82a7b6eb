"""What stands around every page: the menu, the dealer's name, the number of open problems."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal import attention
from portal.access import current_dealer, may

MANY_UNREAD = 99


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


def frame() -> Frame | None:
    """The frame of a logged-in user; None before the login."""
    if not current_user.is_authenticated:
        return None
    if current_user.dealer_id is None:
        operator = current_app.extensions["settings"].operator_name
        return Frame((_item(_("Hilfe"), "help.page", icon="help-circle"),), operator, home())
    return Frame(_menu(), current_dealer().name, home(), _inbox())


def home() -> str:
    """Where a user lands. Support agents have no dealer, so no overview either."""
    return url_for("overview.page") if current_user.dealer_id else url_for("help.page")


def _menu() -> tuple[Item, ...]:
    problems = attention.current(current_dealer().id).badge
    return (
        _item(_("Übersicht"), "overview.page", icon="layout-dashboard"),
        _item(_("Fahrzeuge"), "vehicles.page", icon="car"),
        _item(_("AppStore"), "store.page", icon="apps"),
        _item(_("Meine Apps"), "my_apps.page", icon="plug-connected", also=("history",)),
        _item(_("Handlungsbedarf"), "problems.page", icon="alert-triangle", count=problems),
        _item(_("Einstellungen"), f"settings.{_first_settings()}", icon="settings"),
    )


def _first_settings() -> str:
    return "export" if may("settings") else "notifications"


def _inbox() -> Item:
    unread = attention.current(current_dealer().id).unread
    count = f"{MANY_UNREAD}+" if unread > MANY_UNREAD else str(unread or "")
    return _item(_("Benachrichtigungen"), "notifications.page", icon="bell", count=count)


def _item(label: str, endpoint: str, *, icon: str, also: tuple[str, ...] = (), count: str = "") -> Item:
    area = endpoint.partition(".")[0]
    return Item(label, url_for(endpoint), icon, request.blueprint in (area, *also), count)
