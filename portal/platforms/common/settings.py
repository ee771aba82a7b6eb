"""Settings that several apps declare, in the words of the activation form."""

from __future__ import annotations

from portal.platforms.common.profile import CHARSETS, DATES, FORMATS
from portal.platforms.contract.fields import Option, SettingField
from portal.vehicle_facts.data import Kind

NONE = Option("none", "Nicht übertragen")
PLACES = (
    NONE,
    Option("text_start", "Freitext am Anfang der Beschreibung"),
    Option("text_end", "Freitext am Ende der Beschreibung"),
)
LOCATION = SettingField(
    name="location",
    label="Standort",
    type="location",
    help="Übertragen werden die Fahrzeuge dieses Standorts.",
    step="access",
)


def customer_number(label: str, help: str, pattern: str = "", pattern_text: str = "") -> SettingField:
    return SettingField(
        name="customer_number",
        label=label,
        type="customer_number",
        help=help,
        required=True,
        step="access",
        pattern=pattern,
        pattern_text=pattern_text,
    )


def any_number(label: str, help: str) -> SettingField:
    """Of a receiver whose numbers can look like anything; it becomes the name of the file."""
    return customer_number(
        label,
        help,
        pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}",
        pattern_text="Erlaubt sind Buchstaben ohne Umlaute, Ziffern, Punkt, - und _.",
    )


IN_DESCRIPTION = "So erscheint die Ausstattung in der Beschreibung."


def equipment_format(default: str = "comma", bullet: str = "-", help: str = IN_DESCRIPTION) -> SettingField:
    lines = "\n".join(("Ausstattung", f"{bullet} ABS", f"{bullet} ESP", f"{bullet} Sitzheizung"))
    return SettingField(
        name="equipment_format",
        label="Format Ausstattungen",
        type="choice",
        help=help,
        options=(
            Option("comma", "Liste mit Kommas", "Ausstattung: ABS, ESP, Sitzheizung, Klimaautomatik"),
            Option("lines", "Eine Ausstattung je Zeile", lines),
            Option(
                "grouped",
                "Unter Überschriften",
                "Sicherheit\nABS, ESP\n\nSitze und Innenraum\nSitzheizung\n\nSonderausstattung\nWinterräder",
            ),
            Option("criteria_only", "Nur Suchmerkmale", "In der Beschreibung steht nur Ihr eigener Text."),
        ),
        default=default,
        required=True,
    )


def number_format(platform: str) -> SettingField:
    return SettingField(
        name="number_format",
        label="Format Fahrzeug-Nr.",
        type="choice",
        help=f"Unter dieser Nummer führt {platform} das Fahrzeug. Eine Nummer aus der Fahrgestellnummer wird "
        "auch dann übertragen, wenn Sie Fahrgestellnummern sonst nicht exportieren.",
        options=(
            Option("offer", "Angebotsnummer", "A10234"),
            Option("code_offer", "Kürzel und Angebotsnummer", "HH-A10234"),
            Option("vin", "Fahrgestellnummer", "WVWZZZ1KZAW000001"),
            Option("vin7", "Letzte 7 Stellen der Fahrgestellnummer", "W000001"),
        ),
        default="offer",
        required=True,
        change_warning=f"Mit einer anderen Fahrzeug-Nr. kann {platform} Ihre Fahrzeuge als neue Inserate "
        "behandeln. Dadurch können Kosten entstehen.",
    )


FREE_TEXT_ONLY = (
    "Steht das Leasingbeispiel im Freitext, wird das Finanzierungsbeispiel nicht zusätzlich in "
    "den Freitext geschrieben."
)
WITH_OWN_VALUE = (
    "Steht das Leasingbeispiel im Freitext, wird das Finanzierungsbeispiel nicht zusätzlich in den "
    "Freitext geschrieben. Als eigener Wert wird es in jedem Fall übertragen."
)


def examples(*own_value: Option) -> tuple[SettingField, ...]:
    """Financing and leasing as free text, and as a value of its own where the platform has a place for it."""
    places = (*PLACES, *own_value)
    return (
        SettingField(
            name="financing_example",
            label="Finanzierungsbeispiel",
            type="choice",
            help=WITH_OWN_VALUE if own_value else FREE_TEXT_ONLY,
            options=places,
            default="none",
            required=True,
        ),
        SettingField(
            name="financing_slot",
            label="Zu verwendende Finanzierung",
            type="choice",
            help="Je Fahrzeug können zwei Finanzierungen hinterlegt sein.",
            options=(Option("1", "Finanzierung 1"), Option("2", "Finanzierung 2")),
            default="1",
            required=True,
        ),
        SettingField(
            name="leasing_example",
            label="Leasingbeispiel",
            type="choice",
            help="Als Freitext verdrängt es das Finanzierungsbeispiel aus dem Freitext.",
            options=places,
            default="none",
            required=True,
        ),
    )


def kinds(*chosen: Kind) -> SettingField:
    return SettingField(
        name="kinds",
        label="Zu veröffentlichende Fahrzeuge",
        type="kinds",
        help="Diese Fahrzeuge werden von selbst freigegeben: sofort oder nach so vielen Standtagen.",
        default={kind.value: 0 for kind in chosen or tuple(Kind)},
        step="release",
    )


# Settings for how a table is spelled.


SEPARATORS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
"""A tabulator as a setting's value would not survive being tidied."""
SEPARATOR_NAMES = {
    "semicolon": "Semikolon",
    "comma": "Komma",
    "tab": "Tabulator",
    "bar": "Senkrechter Strich",
}


def _choice(name: str, label: str, pairs: dict[str, str], default: str, **more: object) -> SettingField:
    options = tuple(Option(value, text) for value, text in pairs.items())
    return SettingField(name, label, "choice", options=options, default=default, required=True, **more)  # type: ignore[arg-type]


def table_settings() -> tuple[SettingField, ...]:
    csv_only = {"when": ("format", ("csv",))}
    texts_only = {"when": ("format", ("csv", "xml"))}
    return (
        _choice("format", "Format", FORMATS, "csv"),
        _choice("columns", "Spalten", {"usual": "Die üblichen", "all": "Alle"}, "usual"),
        _choice("separator", "Trennzeichen", SEPARATOR_NAMES, "semicolon", **csv_only),
        _choice("charset", "Zeichensatz", CHARSETS, "utf-8", **texts_only),
        SettingField(
            "header", "Überschriften in der ersten Zeile", "flag", default=True, when=("format", ("csv",))
        ),
        SettingField(
            "comma", "Zahlen mit Dezimalkomma", "flag", default=True, when=("format", ("csv", "xml"))
        ),
        _choice("dates", "Schreibweise von Monaten", DATES, "german", **texts_only),
    )


def pictures(default: str, *possible: str) -> SettingField:
    labels = {
        "urls": "Als Adressen in einer Spalte",
        "zip": "In einer Zip-Datei mit der Tabelle",
        "none": "Nicht übertragen",
    }
    return _choice("pictures", "Bilder", {name: labels[name] for name in possible}, default)


def lock_scope() -> SettingField:
    return SettingField(
        name="lock_scope",
        label="Bei einer Sperre",
        type="choice",
        help="Eine große Bestandsabweichung sperrt die Übertragung, bis Sie sie geprüft haben.",
        options=(
            Option("all", "Alles zurückhalten"),
            Option(
                "costly",
                "Nur Löschungen und neue Inserate zurückhalten",
                "Preise und andere Änderungen an bestehenden Inseraten werden weiter übertragen.",
            ),
        ),
        default="all",
        required=True,
    )
