"""The ten settings of an activation in the order of the form, and what a lock holds back."""

from __future__ import annotations

from portal.platforms.fields import Option, SettingField
from portal.vehicles.data import Kind

EXAMPLE_PLACES = (
    Option("none", "Nicht übertragen"),
    Option("text_start", "Freitext am Anfang der Beschreibung"),
    Option("text_end", "Freitext am Ende der Beschreibung"),
    Option(
        "separate", "Als eigener Wert", "mobile.de zeigt das Beispiel in einem eigenen Bereich des Inserats."
    ),
)

FIELDS: tuple[SettingField, ...] = (
    SettingField(
        name="customer_number",
        label="Kd-Nr.",
        type="customer_number",
        help="Ihre Kundennummer bei mobile.de. Sie steht auf jeder Rechnung und besteht nur aus Ziffern.",
        required=True,
        step="access",
    ),
    SettingField(
        name="location",
        label="Standort",
        type="location",
        help="Übertragen werden die Fahrzeuge dieses Standorts.",
        step="access",
    ),
    SettingField(
        name="envkv_always",
        label="EnVKV-Werte immer übertragen",
        type="flag",
        help="Neuwagen, Vorführwagen und Fahrzeuge unter 1.000 km werden immer mit ihren EnVKV-Werten "
        "übertragen. Mit Ja gilt das auch für alle anderen Fahrzeuge, soweit die Werte vorhanden sind.",
        default=False,
    ),
    SettingField(
        name="equipment_format",
        label="Format Ausstattungen",
        type="choice",
        help="So erscheint die Ausstattung in der Beschreibung. Die Suchmerkmale werden immer übertragen.",
        options=(
            Option("comma", "Liste mit Kommas", "Ausstattung: ABS, ESP, Sitzheizung, Klimaautomatik"),
            Option("lines", "Eine Ausstattung je Zeile", "Ausstattung\n• ABS\n• ESP\n• Sitzheizung"),
            Option(
                "grouped",
                "Unter Überschriften",
                "Sicherheit\nABS, ESP\n\nSitze und Innenraum\nSitzheizung\n\nSonderausstattung\nWinterräder",
            ),
            Option("criteria_only", "Nur Suchmerkmale", "In der Beschreibung steht nur Ihr eigener Text."),
        ),
        default="comma",
        required=True,
    ),
    SettingField(
        name="number_format",
        label="Format Fahrzeug-Nr.",
        type="choice",
        help="Unter dieser Nummer führt mobile.de das Inserat. Eine Nummer aus der Fahrgestellnummer wird "
        "auch dann übertragen, wenn Sie Fahrgestellnummern sonst nicht exportieren.",
        options=(
            Option("offer", "Angebotsnummer", "A10234"),
            Option("code_offer", "Kürzel und Angebotsnummer", "HH-A10234"),
            Option("vin", "Fahrgestellnummer", "WVWZZZ1KZAW000001"),
            Option("vin7", "Letzte 7 Stellen der Fahrgestellnummer", "W000001"),
        ),
        default="offer",
        required=True,
        change_warning="Mit einer anderen Fahrzeug-Nr. kann mobile.de Ihre Fahrzeuge als neue Inserate "
        "behandeln. Dadurch können Kosten entstehen.",
    ),
    SettingField(
        name="financing_example",
        label="Finanzierungsbeispiel",
        type="choice",
        help="Steht das Leasingbeispiel im Freitext, wird das Finanzierungsbeispiel nicht zusätzlich in den "
        "Freitext geschrieben. Als eigener Wert wird es in jedem Fall übertragen.",
        options=EXAMPLE_PLACES,
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
        options=EXAMPLE_PLACES,
        default="none",
        required=True,
    ),
    SettingField(
        name="bookings",
        label="Zusatzbuchungen",
        type="choice",
        help="Blickfänger, Top-Inserat und Seite-1-Inserat kosten bei mobile.de zusätzlich.",
        options=(
            Option(
                "none",
                "Nicht übertragen",
                "Es wird nichts gebucht. Was bei mobile.de läuft, bleibt bestehen.",
            ),
            Option("vehicle", "Vom Fahrzeug übernehmen", "Gebucht wird, was am Fahrzeug angekreuzt ist."),
        ),
        default="none",
        required=True,
        change_warning="Zusatzbuchungen kosten Geld und werden mit der nächsten Übertragung gebucht.",
    ),
    SettingField(
        name="kinds",
        label="Zu veröffentlichende Fahrzeuge",
        type="kinds",
        help="Diese Fahrzeuge werden von selbst freigegeben: sofort oder nach so vielen Standtagen.",
        default={kind.value: 0 for kind in Kind},
        step="release",
    ),
    SettingField(
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
    ),
)
