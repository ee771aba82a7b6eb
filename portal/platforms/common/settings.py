"""Settings that several apps declare, in the words of the activation form."""

from __future__ import annotations

from collections.abc import Mapping

from portal.messages import Wording, say
from portal.platforms.common.profile import CHARSETS, DATES, FORMATS
from portal.platforms.contract.fields import Option, SettingField
from portal.vehicle_facts.data import Kind

NONE = Option("none", say("Nicht übertragen"))
PLACES = (
    NONE,
    Option("text_start", say("Freitext am Anfang der Beschreibung")),
    Option("text_end", say("Freitext am Ende der Beschreibung")),
)
LOCATION = SettingField(
    name="location",
    label=say("Standort"),
    type="location",
    help=say("Übertragen werden die Fahrzeuge dieses Standorts."),
    step="access",
)

ENVKV_ALWAYS = SettingField(
    name="envkv_always",
    label=say("EnVKV-Werte immer übertragen"),
    type="flag",
    help=say(
        "Neuwagen, Vorführwagen und Fahrzeuge unter 1.000 km werden immer mit ihren EnVKV-Werten "
        "übertragen. Mit Ja gilt das auch für alle anderen Fahrzeuge, soweit die Werte vorhanden sind."
    ),
    default=False,
)


def customer_number(
    label: Wording, help: Wording, pattern: str = "", pattern_text: Wording = ""
) -> SettingField:
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


def any_number(label: Wording, help: Wording) -> SettingField:
    """Of a receiver whose numbers can look like anything; it becomes the name of the file."""
    return customer_number(
        label,
        help,
        pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}",
        pattern_text=say("Erlaubt sind Buchstaben ohne Umlaute, Ziffern, Punkt, - und _."),
    )


IN_DESCRIPTION = say("So erscheint die Ausstattung in der Beschreibung.")
BESIDE_CRITERIA = say(
    "So erscheint die Ausstattung in der Beschreibung. Die Suchmerkmale werden immer übertragen."
)


def equipment_format(
    default: str = "comma", bullet: str = "-", help: Wording = IN_DESCRIPTION
) -> SettingField:
    lines = say("Ausstattung\n{bullet} ABS\n{bullet} ESP\n{bullet} Sitzheizung", bullet=bullet)
    return SettingField(
        name="equipment_format",
        label=say("Format Ausstattungen"),
        type="choice",
        help=help,
        options=(
            Option(
                "comma", say("Liste mit Kommas"), say("Ausstattung: ABS, ESP, Sitzheizung, Klimaautomatik")
            ),
            Option("lines", say("Eine Ausstattung je Zeile"), lines),
            Option(
                "grouped",
                say("Unter Überschriften"),
                say(
                    "Sicherheit\nABS, ESP\n\nSitze und Innenraum\nSitzheizung\n\n"
                    "Sonderausstattung\nWinterräder"
                ),
            ),
            Option(
                "criteria_only",
                say("Nur Suchmerkmale"),
                say("In der Beschreibung steht nur Ihr eigener Text."),
            ),
        ),
        default=default,
        required=True,
    )


def number_format(platform: Wording) -> SettingField:
    return SettingField(
        name="number_format",
        label=say("Format Fahrzeug-Nr."),
        type="choice",
        help=say(
            "Unter dieser Nummer führt {platform} das Fahrzeug. Eine Nummer aus der Fahrgestellnummer wird "
            "auch dann übertragen, wenn Sie Fahrgestellnummern sonst nicht exportieren.",
            platform=platform,
        ),
        options=(
            Option("offer", say("Angebotsnummer"), "A10234"),
            Option("code_offer", say("Kürzel und Angebotsnummer"), "HH-A10234"),
            Option("vin", say("Fahrgestellnummer"), "WVWZZZ1KZAW000001"),
            Option("vin7", say("Letzte 7 Stellen der Fahrgestellnummer"), "W000001"),
        ),
        default="offer",
        required=True,
        change_warning=say(
            "Mit einer anderen Fahrzeug-Nr. kann {platform} Ihre Fahrzeuge als neue Inserate "
            "behandeln. Dadurch können Kosten entstehen.",
            platform=platform,
        ),
    )


FREE_TEXT_ONLY = say(
    "Steht das Leasingbeispiel im Freitext, wird das Finanzierungsbeispiel nicht zusätzlich in "
    "den Freitext geschrieben."
)
WITH_OWN_VALUE = say(
    "Steht das Leasingbeispiel im Freitext, wird das Finanzierungsbeispiel nicht zusätzlich in den "
    "Freitext geschrieben. Als eigener Wert wird es in jedem Fall übertragen."
)


def examples(*own_value: Option) -> tuple[SettingField, ...]:
    """Financing and leasing as free text, and as a value of its own where the platform has a place for it."""
    places = (*PLACES, *own_value)
    return (
        SettingField(
            name="financing_example",
            label=say("Finanzierungsbeispiel"),
            type="choice",
            help=WITH_OWN_VALUE if own_value else FREE_TEXT_ONLY,
            options=places,
            default="none",
            required=True,
        ),
        SettingField(
            name="financing_slot",
            label=say("Zu verwendende Finanzierung"),
            type="choice",
            help=say("Je Fahrzeug können zwei Finanzierungen hinterlegt sein."),
            options=(Option("1", say("Finanzierung 1")), Option("2", say("Finanzierung 2"))),
            default="1",
            required=True,
        ),
        SettingField(
            name="leasing_example",
            label=say("Leasingbeispiel"),
            type="choice",
            help=say("Als Freitext verdrängt es das Finanzierungsbeispiel aus dem Freitext."),
            options=places,
            default="none",
            required=True,
        ),
    )


def bookings(platform: str, help: Wording) -> SettingField:
    """Of a platform that sells extras: `help` says which."""
    return SettingField(
        name="bookings",
        label=say("Zusatzbuchungen"),
        type="choice",
        help=help,
        options=(
            Option(
                "none",
                say("Nicht übertragen"),
                say("Es wird nichts gebucht. Was bei {platform} läuft, bleibt bestehen.", platform=platform),
            ),
            Option(
                "vehicle",
                say("Vom Fahrzeug übernehmen"),
                say("Gebucht wird, was am Fahrzeug angekreuzt ist."),
            ),
        ),
        default="none",
        required=True,
        change_warning=say("Zusatzbuchungen kosten Geld und werden mit der nächsten Übertragung gebucht."),
    )


def kinds(*chosen: Kind) -> SettingField:
    return SettingField(
        name="kinds",
        label=say("Zu veröffentlichende Fahrzeuge"),
        type="kinds",
        help=say("Diese Fahrzeuge werden von selbst freigegeben: sofort oder nach so vielen Standtagen."),
        default={kind.value: 0 for kind in chosen or tuple(Kind)},
        step="release",
    )


# Settings for how a table is spelled.


SEPARATORS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
"""A tabulator as a setting's value would not survive being tidied."""
SEPARATOR_NAMES = {
    "semicolon": say("Semikolon"),
    "comma": say("Komma"),
    "tab": say("Tabulator"),
    "bar": say("Senkrechter Strich"),
}


def _choice(
    name: str, label: Wording, pairs: Mapping[str, Wording], default: str, **more: object
) -> SettingField:
    options = tuple(Option(value, text) for value, text in pairs.items())
    return SettingField(name, label, "choice", options=options, default=default, required=True, **more)  # type: ignore[arg-type]


def table_settings() -> tuple[SettingField, ...]:
    csv_only = {"when": ("format", ("csv",))}
    texts_only = {"when": ("format", ("csv", "xml"))}
    return (
        _choice("format", say("Format"), FORMATS, "csv"),
        _choice("columns", say("Spalten"), {"usual": say("Die üblichen"), "all": say("Alle")}, "usual"),
        _choice("separator", say("Trennzeichen"), SEPARATOR_NAMES, "semicolon", **csv_only),
        _choice("charset", say("Zeichensatz"), CHARSETS, "utf-8", **texts_only),
        SettingField(
            "header",
            say("Überschriften in der ersten Zeile"),
            "flag",
            default=True,
            when=("format", ("csv",)),
        ),
        SettingField(
            "comma", say("Zahlen mit Dezimalkomma"), "flag", default=True, when=("format", ("csv", "xml"))
        ),
        _choice("dates", say("Schreibweise von Monaten"), DATES, "german", **texts_only),
    )


def pictures(default: str, *possible: str) -> SettingField:
    labels = {
        "urls": say("Als Adressen in einer Spalte"),
        "zip": say("In einer Zip-Datei mit der Tabelle"),
        "none": say("Nicht übertragen"),
    }
    return _choice("pictures", say("Bilder"), {name: labels[name] for name in possible}, default)


def lock_scope() -> SettingField:
    return SettingField(
        name="lock_scope",
        label=say("Bei einer Sperre"),
        type="choice",
        help=say("Eine große Bestandsabweichung sperrt die Übertragung, bis Sie sie geprüft haben."),
        options=(
            Option("all", say("Alles zurückhalten")),
            Option(
                "costly",
                say("Nur Löschungen und neue Inserate zurückhalten"),
                say("Preise und andere Änderungen an bestehenden Inseraten werden weiter übertragen."),
            ),
        ),
        default="all",
        required=True,
    )
