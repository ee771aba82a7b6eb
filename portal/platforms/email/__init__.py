"""The stock by e-mail: the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
        "Kd-Nr. beim Empfänger",
        "Unter dieser Nummer kennt Sie der Empfänger. Sie wird auch zum Namen der Datei.",
    ),
    shared.LOCATION,
    *delivery_settings(TRANSPORTS, SCHEDULE),
    SettingField(
        name="format",
        label="Format",
        type="choice",
        options=(
            Option("table", "Tabelle mit Überschriften, für Tabellenprogramme"),
            Option("mobile_de_csv", "mobile.de-CSV"),
        ),
        default="table",
        required=True,
    ),
    pictures("none", "none", "zip"),
    shared.equipment_format(default="criteria_only"),
    shared.number_format("der Empfänger"),
    *shared.examples(),
    shared.kinds(),
)


def writer(settings: Mapping[str, Any], account: Account, rules: Rules, surroundings: Surroundings) -> Writer:
    complete = {**defaults(FIELDS), **settings}
    context = FileContext("der Empfänger", complete, account, rules, surroundings)
    if complete["format"] == "mobile_de_csv":
        return csv_writer(context)
    table = Profile(labelled_columns(USUAL, complete["pictures"]), mark=True, pictures=complete["pictures"])
    return ProfileWriter(context, table, account.customer_number)


app = ExportApp(
    slug="email",
    name="E-Mail-Export",
    summary="Schickt Ihren Bestand als Anhang einer E-Mail, einmal am Tag.",
    kind="file",
    countries=("AT", "CH", "DE"),
    fields=FIELDS,
    own_numbers=True,
    file=FileSide(writer=writer, transports=TRANSPORTS, schedule=SCHEDULE),
    sends=(
        "Alle freigegebenen Fahrzeuge in einer Datei: Tabelle oder mobile.de-CSV",
        "Bilder in einer Zip-Datei, solange der Anhang nicht größer als 15 MB wird",
    ),
    rhythm="Einmal am Tag und wenn Sie es wünschen.",
    needs=("Fragen Sie den Empfänger, an welche Adresse und in welchem Format er den Bestand haben will.",),
    icon="mail",
)
