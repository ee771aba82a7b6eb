"""The dealer's own export: the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.messages import say
from portal.platforms.common.profile import Profile
from portal.platforms.common.profile_writer import ProfileWriter
from portal.platforms.common.vehicle_view import FileContext
from portal.platforms.configurator.settings import FIELDS, SCHEDULE, TRANSPORTS
from portal.platforms.contract import Account, ExportApp, Rules
from portal.platforms.contract.fields import defaults
from portal.platforms.contract.files import FileSide, Surroundings


def writer(
    settings: Mapping[str, Any], account: Account, rules: Rules, surroundings: Surroundings
) -> ProfileWriter:
    """Raises ValueError where the definition is not usable."""
    complete = {**defaults(FIELDS), **settings}
    profile = Profile.from_json(complete["profile"])
    context = FileContext(
        say("der Empfänger"),
        complete,
        account,
        rules,
        surroundings,
        platform_first=say("Der Empfänger"),
    )
    return ProfileWriter(context, profile, account.customer_number)


app = ExportApp(
    slug="configurator",
    name=say("Export-Konfigurator"),
    summary=say("Bauen Sie einen eigenen Export: Spalten, Format, Filter und Übertragungsweg."),
    kind="file",
    vouched_numbers=False,
    countries=("AT", "CH", "DE"),
    fields=FIELDS,
    composed=True,
    file=FileSide(writer=writer, transports=TRANSPORTS, schedule=SCHEDULE, hours_to_confirm=26),
    sends=(
        say("Die Felder, die Sie wählen, in Ihrer Reihenfolge und mit Ihren Überschriften"),
        say("Als CSV, XML oder JSON, mit Bildern in einer Zip-Datei oder als Adressen"),
        say("Die Fahrzeuge, die Ihr Filter durchlässt"),
    ),
    rhythm=say("Zu den Uhrzeiten, die Sie wählen, und wenn Sie es wünschen."),
    needs=(say("Fragen Sie den Empfänger, welche Spalten er erwartet und wie die Datei zu ihm kommt."),),
    icon="adjustments",
)
