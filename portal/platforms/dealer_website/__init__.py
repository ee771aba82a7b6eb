"""The dealer's own website: the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from portal.formats.addresses import ascii_host
from portal.messages import say
from portal.platforms.common import settings as shared
from portal.platforms.common.delivery_settings import delivery_settings
from portal.platforms.common.profile import Profile, named_columns
from portal.platforms.common.profile_writer import ProfileWriter
from portal.platforms.common.settings import pictures
from portal.platforms.common.vehicle_view import FileContext
from portal.platforms.contract import Account, ExportApp, Rules
from portal.platforms.contract.fields import Option, SettingField, defaults
from portal.platforms.contract.files import FileSide, Surroundings, Transport, Writer
from portal.platforms.mobile_de_csv.writer import csv_writer

TRANSPORTS = (Transport.PULL, Transport.SFTP, Transport.FTPS, Transport.FTP)
SCHEDULE = ("02:00", "12:00")

_SIGN = "[a-z0-9ß-öø-ÿ]"
_LABEL = rf"{_SIGN}((-|{_SIGN})*{_SIGN})?"
"""Of a domain, which may have umlauts."""

FIELDS: tuple[SettingField, ...] = (
    shared.customer_number(
        say("Adresse der Website"),
        say("Ohne https://, zum Beispiel www.autohaus-muster.de. Sie wird auch zum Namen der Datei."),
        pattern=rf"{_LABEL}(\.{_LABEL})+",
        pattern_text=say("Bitte nur den Namen der Website angeben, klein geschrieben und ohne https://."),
    ),
    shared.LOCATION,
    *delivery_settings(TRANSPORTS, SCHEDULE),
    SettingField(
        name="format",
        label=say("Format"),
        type="choice",
        help=say("Die meisten Erweiterungen für Websites lesen mobile.de-CSV."),
        options=(
            Option("mobile_de_csv", say("mobile.de-CSV")),
            Option("json", say("JSON, Bilder als Adressen")),
        ),
        default="mobile_de_csv",
        required=True,
    ),
    replace(pictures("zip", "zip", "none"), when=("format", ("mobile_de_csv",))),
    shared.equipment_format(default="criteria_only"),
    shared.number_format(say("Ihre Website")),
    *shared.examples(),
    shared.kinds(),
)


def writer(settings: Mapping[str, Any], account: Account, rules: Rules, surroundings: Surroundings) -> Writer:
    complete = {**defaults(FIELDS), **settings}
    in_ascii = ascii_host(account.customer_number) or account.customer_number
    account = replace(account, customer_number=in_ascii)
    context = FileContext(say("Ihre Website"), complete, account, rules, surroundings)
    if complete["format"] == "mobile_de_csv":
        return csv_writer(context)
    profile = Profile(named_columns(), format="json", longest_text=20_000)
    return ProfileWriter(context, profile, account.customer_number)


app = ExportApp(
    slug="dealer-website",
    name=say("Händler-Website"),
    summary=say("Ihr Bestand für die eigene Website: zum Abruf oder auf ihren Server."),
    kind="file",
    vouched_numbers=False,
    countries=("AT", "CH", "DE"),
    fields=FIELDS,
    file=FileSide(writer=writer, transports=TRANSPORTS, schedule=SCHEDULE, hours_to_confirm=26),
    sends=(
        say("Alle freigegebenen Fahrzeuge in einer Datei: mobile.de-CSV oder JSON"),
        say("Bilder in einer Zip-Datei oder als Adressen"),
    ),
    rhythm=say(
        "Zweimal am Tag und wenn Sie es wünschen. Zum Abruf liegt immer die letzte gute Datei bereit."
    ),
    needs=(
        say(
            "Fragen Sie die Agentur Ihrer Website, welches Format sie einliest und "
            "ob sie abruft oder annimmt."
        ),
    ),
    icon="world",
)
