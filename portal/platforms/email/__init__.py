"""The stock by e-mail: the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.messages import say
from portal.platforms.common import settings as shared
from portal.platforms.common.delivery_settings import delivery_settings
from portal.platforms.common.profile import USUAL, Profile, labelled_columns
from portal.platforms.common.profile_writer import ProfileWriter
from portal.platforms.common.settings import pictures
from portal.platforms.common.vehicle_view import FileContext
from portal.platforms.contract import Account, ExportApp, Rules
from portal.platforms.contract.fields import Option, SettingField, defaults
from portal.platforms.contract.files import FileSide, Surroundings, Transport, Writer
from portal.platforms.mobile_de_csv.writer import csv_writer

TRANSPORTS = (Transport.MAIL,)
SCHEDULE = ("06:00",)

FIELDS: tuple[SettingField, ...] = (
    shared.any_number(
        say("Kd-Nr. beim Empfänger"),
        say("Unter dieser Nummer kennt Sie der Empfänger. Sie wird auch zum Namen der Datei."),
    ),
    shared.LOCATION,
    *delivery_settings(TRANSPORTS, SCHEDULE),
    SettingField(
        name="format",
        label=say("Format"),
        type="choice",
        options=(
            Option("table", say("Tabelle mit Überschriften, für Tabellenprogramme")),
            Option("mobile_de_csv", say("mobile.de-CSV")),
        ),
        default="table",
        required=True,
    ),
    pictures("none", "none", "zip"),
    shared.equipment_format(default="criteria_only"),
    shared.number_format(say("der Empfänger")),
    *shared.examples(),
    shared.kinds(),
)


def writer(settings: Mapping[str, Any], account: Account, rules: Rules, surroundings: Surroundings) -> Writer:
    complete = {**defaults(FIELDS), **settings}
    context = FileContext(
        say("der Empfänger"),
        complete,
        account,
        rules,
        surroundings,
        platform_first=say("Der Empfänger"),
    )
    if complete["format"] == "mobile_de_csv":
        return csv_writer(context)
    table = Profile(labelled_columns(USUAL, complete["pictures"]), mark=True, pictures=complete["pictures"])
    return ProfileWriter(context, table, account.customer_number)


app = ExportApp(
    slug="email",
    name=say("E-Mail-Export"),
    summary=say("Schickt Ihren Bestand als Anhang einer E-Mail, einmal am Tag."),
    kind="file",
    countries=("AT", "CH", "DE"),
    fields=FIELDS,
    own_numbers=True,
    file=FileSide(writer=writer, transports=TRANSPORTS, schedule=SCHEDULE),
    sends=(
        say("Alle freigegebenen Fahrzeuge in einer Datei: Tabelle oder mobile.de-CSV"),
        say("Bilder in einer Zip-Datei, solange der Anhang nicht größer als 15 MB wird"),
    ),
    rhythm=say("Einmal am Tag und wenn Sie es wünschen."),
    needs=(
        say("Fragen Sie den Empfänger, an welche Adresse und in welchem Format er den Bestand haben will."),
    ),
    icon="mail",
)
