"""A marketplace without an app of its own, as long as it takes a table: the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.messages import say
from portal.platforms.common.profile import USUAL, Profile, every_column, labelled_columns
from portal.platforms.common.profile_writer import ProfileWriter
from portal.platforms.common.vehicle_view import FileContext
from portal.platforms.contract import Account, ExportApp, Rules
from portal.platforms.contract.fields import defaults
from portal.platforms.contract.files import FileSide, Surroundings
from portal.platforms.generic.settings import FIELDS, SCHEDULE, SEPARATORS, TRANSPORTS


def writer(
    settings: Mapping[str, Any], account: Account, rules: Rules, surroundings: Surroundings
) -> ProfileWriter:
    complete = {**defaults(FIELDS), **settings}
    context = FileContext(
        say("die Börse"),
        complete,
        account,
        rules,
        surroundings,
        platform_first=say("Die Börse"),
    )
    return ProfileWriter(context, profile_of(complete), account.customer_number)


def profile_of(settings: Mapping[str, Any]) -> Profile:
    pictures = settings["pictures"]
    table = every_column(pictures) if settings["columns"] == "all" else labelled_columns(USUAL, pictures)
    return Profile(
        columns=table,
        format=settings["format"],
        separator=SEPARATORS[settings["separator"]],
        charset=settings["charset"],
        header=settings["header"],
        comma=settings["comma"],
        dates=settings["dates"],
        pictures=pictures,
    )


app = ExportApp(
    slug="generic",
    name=say("Generische Börse"),
    summary=say("Ihr Bestand als Tabelle für eine Börse, die eigene Dateien einliest."),
    kind="file",
    countries=("AT", "CH", "DE"),
    fields=FIELDS,
    own_numbers=True,
    file=FileSide(writer=writer, transports=TRANSPORTS, schedule=SCHEDULE, hours_to_confirm=26),
    sends=(
        say("Alle freigegebenen Fahrzeuge in einer Datei: CSV, XML oder JSON"),
        say("Spalten, Trennzeichen, Zeichensatz und Schreibweisen, wie die Börse sie verlangt"),
        say("Bilder als Adressen oder in einer Zip-Datei"),
    ),
    rhythm=say("Zweimal am Tag und wenn Sie es wünschen."),
    needs=(
        say("Fragen Sie die Börse nach dem verlangten Format und nach den Zugangsdaten."),
        say("Reichen die Spalten nicht aus, bauen Sie den Export im Export-Konfigurator."),
    ),
    icon="building-store",
)
