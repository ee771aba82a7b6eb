"""From the form to a draft, or to the changed settings of an export that exists."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.blueprints.configurator.form import SLUG, Editing
from portal.exports.lifecycle import activation as life
from portal.extensions import db
from portal.formats.charset import fitted
from portal.models import Activation, Dealer, Location
from portal.platforms import get_app
from portal.platforms.contract.fields import defaults
from portal.web import audit
from portal.web.access import current_realm

KEY_LENGTH = 30
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def locations() -> list[Location]:
    statement = select(Location).where(current_realm().of(Location)).order_by(Location.code)
    return list(db.session.scalars(statement))


def create(dealer: Dealer, editing: Editing) -> Activation:
    """A draft: how the file is delivered is asked on the page of its settings."""
    if editing.location_id is None:
        raise ValueError("a form without a location is refused before")
    settings = defaults(get_app(SLUG).fields) | _settings(editing)
    wish = life.ActivationRequest(dealer.id, SLUG, new_key(editing.name), editing.location_id, settings)
    activation = life.save_draft(db.session(), wish)
    audit.log_activation("activation.draft_saved", activation)
    db.session.commit()
    return activation


def change(activation: Activation, editing: Editing) -> tuple[str, str]:
    """What to tell, and its category."""
    before = dict(activation.settings)
    try:
        changed = life.change(db.session(), activation, _settings(editing))
    except life.WrongState:
        db.session.rollback()
        return _("Die App wurde inzwischen deaktiviert. Ihre Angaben wurden nicht gespeichert."), "error"
    if changed:
        audit.log_activation("activation.changed", activation, **_differing(before, activation.settings))
    db.session.commit()
    if not changed:
        return _("Es gab nichts zu ändern."), "success"
    return _("Gespeichert. Der Aufbau gilt ab der nächsten Datei."), "success"


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """For the log, where a column more or less is not told apart."""
    names = {"name": [before["name"], after["name"]]} if before["name"] != after["name"] else {}
    return names | ({"layout": True} if before["profile"] != after["profile"] else {})


def new_key(name: str) -> str:
    """`eBay-Liste` → `ebay-liste-3f9a`: readable, and nobody else's."""
    plain, _lost = fitted(name.casefold().translate(_UMLAUTS), "ascii")
    words = "".join(char if char.isalnum() else "-" for char in plain)
    slug = "-".join(part for part in words.split("-") if part)[:KEY_LENGTH].strip("-")
    return f"{slug or 'export'}-{secrets.token_hex(3)}"


def _settings(editing: Editing) -> dict[str, Any]:
    return {"name": editing.name, "profile": editing.profile.as_json()}
