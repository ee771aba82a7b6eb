"""The settings of an activation; its definition (`profile`) is edited on a page of its own."""

from __future__ import annotations

from typing import Any

from portal.messages import Wording, say
from portal.platforms.common import settings as shared
from portal.platforms.common.delivery_settings import delivery_settings
from portal.platforms.common.profile import USUAL, Profile, Unusable, labelled_columns
from portal.platforms.contract.fields import SettingField
from portal.platforms.contract.files import Transport

TRANSPORTS = (
    Transport.PULL,
    Transport.SFTP,
    Transport.FTPS,
    Transport.FTP,
    Transport.HTTPS,
    Transport.MAIL,
)
SCHEDULE = ("02:00", "12:00")
NAME_LENGTH = 60
START = Profile(labelled_columns(USUAL, "urls"))
"""What a new export begins with."""


def profile_problem(value: Any) -> Wording:
    """Why a stored definition cannot be used; empty when it can."""
    if not isinstance(value, dict):
        return say("Die Definition des Exports fehlt.")
    try:
        Profile.from_json(value)
    except Unusable as error:
        return error.reason
    return ""


FIELDS: tuple[SettingField, ...] = (
    shared.customer_number(
        say("Kennung"),
        say("Die Kennung hat das Portal vergeben. Sie wird auch zum Namen der Datei."),
        pattern=r"[a-z0-9][a-z0-9-]{0,39}",
        pattern_text=say("Eine Kennung besteht aus Kleinbuchstaben ohne Umlaute, Ziffern und -."),
    ),
    shared.LOCATION,
    SettingField(
        name="name",
        label=say("Name des Exports"),
        type="text",
        default="Eigener Export",
        required=True,
        step="access",
        longest=NAME_LENGTH,
    ),
    *delivery_settings(TRANSPORTS, SCHEDULE),
    SettingField(
        name="profile",
        label=say("Aufbau der Datei"),
        type="definition",
        default=START.as_json(),
        required=True,
        check=profile_problem,
    ),
    shared.equipment_format(default="criteria_only"),
    shared.number_format(say("der Empfänger")),
    *shared.examples(),
    shared.kinds(),
)
