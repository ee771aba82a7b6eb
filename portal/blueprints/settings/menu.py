"""The side menu of the settings. A new area adds one line."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from portal.extensions import db
from portal.people.plan_limits import uses
from portal.web.access import current_dealer, may
from portal.web.frame import Item
from portal.web.templating import number


@dataclass(frozen=True)
class MenuEntry:
    """`right` is what the page asks for; `also`: how the names of further endpoints of this area begin."""

    endpoint: str
    label: LazyString
    icon: str
    right: str = "settings"
    also: tuple[str, ...] = ()


ENTRIES = (
    MenuEntry("settings.export", _("Export"), "upload", also=("settings.presets",)),
    MenuEntry("settings.locations", _("Standorte"), "map-pin", also=("settings.location",)),
    MenuEntry("settings.lms", _("LMS Grundeinstellungen"), "mail"),
    MenuEntry(
        "settings.users",
        _("Nutzer"),
        icon="users",
        right="manage_users",
        also=("settings.user", "settings.new_user"),
    ),
    MenuEntry(
        "sources.listed", _("Bestandsquellen"), icon="download", right="edit_vehicles", also=("sources.",)
    ),
    MenuEntry("settings.api_keys", _("API-Schlüssel"), "key"),
    MenuEntry("webhooks.listed", _("Webhooks"), "send", also=("webhooks.",)),
    MenuEntry("settings.support_sessions", _("Zugriffe"), "headset", also=("settings.support_session",)),
    MenuEntry("settings.audit_log", _("Protokoll"), "list-details"),
    MenuEntry("settings.notifications", _("Benachrichtigungen"), "bell", right="view"),
)


USED = {"apps": _("Apps"), "vehicles": _("Fahrzeuge"), "users": _("Nutzer")}


def settings_menu() -> list[Item]:
    """What the user may open."""
    here = request.endpoint or ""
    return [
        Item(
            str(entry.label),
            url_for(entry.endpoint),
            entry.icon,
            here.startswith((entry.endpoint, *entry.also)),
        )
        for entry in ENTRIES
        if may(entry.right)
    ]


def plan_line() -> str:
    """How much of the plan is used; empty without limits, and for those whom it does not concern."""
    if not (may("settings") or may("manage_users")):
        return ""
    parts = [
        _("%(used)s von %(most)s %(what)s", used=number(use.used), most=number(use.most), what=USED[use.kind])
        for use in uses(db.session(), current_dealer())
    ]
    return ", ".join(str(part) for part in parts)


TEMPLATE_GLOBALS = {"settings_menu": settings_menu, "plan_line": plan_line}
