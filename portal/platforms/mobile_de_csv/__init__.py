"""mobile.de, upload of the whole stock as CSV: the manifest."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.contract import ExportApp
from portal.platforms.contract.files import FileSide
from portal.platforms.mobile_de_csv.report import read_report
from portal.platforms.mobile_de_csv.settings import FIELDS, SCHEDULE, TRANSPORTS
from portal.platforms.mobile_de_csv.writer import writer

app = ExportApp(
    slug="mobile-de-csv",
    name=say("mobile.de CSV"),
    summary=say("Überträgt Ihren ganzen Bestand als Datei zu mobile.de."),
    kind="file",
    market="mobile-de",
    countries=("DE",),
    fields=FIELDS,
    file=FileSide(
        writer=writer,
        transports=TRANSPORTS,
        schedule=SCHEDULE,
        report_name="{file}.report.csv",
        read_report=read_report,
    ),
    sends=(
        say("Alle freigegebenen Fahrzeuge in einer CSV-Datei, auf Wunsch mit Bildern in einer Zip-Datei"),
        say("Fahrzeugdaten, Preise, Ausstattung und Beschreibung"),
        say("Verbrauch und CO₂-Emissionen; wo sie vorgeschrieben sind (EnVKV), auch in der Beschreibung"),
    ),
    rhythm=say(
        "Zweimal am Tag und wenn Sie es wünschen. Fahrzeuge, die in der Datei fehlen, löscht mobile.de."
    ),
    needs=(
        say("Lassen Sie das Hochladen per HTTP oder FTP bei mobile.de für Ihre Kundennummer freischalten."),
        say("Lassen Sie sich die Zugangsdaten für das Hochladen geben."),
        say("Nutzen Sie daneben keine andere Schnittstelle zu mobile.de: Die eine überschreibt die andere."),
    ),
    cost_notice=say(
        "mobile.de berechnet Inserate nach Paket, Anzahl und Durchschnittspreis. Neue Inserate "
        "können Kosten verursachen."
    ),
    manual_url="https://services.mobile.de/manual/upload-interface-csv_de.html",
    icon="file-type-csv",
)
