"""The settings of an activation in the order of the form."""

from __future__ import annotations

from portal.platforms.common import settings as shared
from portal.platforms.contract.fields import Option, SettingField

WARRANTY = SettingField(
    name="warranty_type",
    label="Beginn der Garantie",
    type="choice",
    help="So wird die Garantie der Fahrzeuge genannt, an denen eine Garantie angekreuzt ist.",
    options=(
        Option("from-delivery", "Ab Übergabe"),
        Option("from-first-registration", "Ab Erstzulassung"),
        Option("none", "Keine Garantie nennen"),
    ),
    default="from-delivery",
    required=True,
)
WITH_WARRANTY = ("from-delivery", "from-first-registration")

FIELDS: tuple[SettingField, ...] = (
    shared.customer_number(
        "Verkäufernummer",
        "Ihre Nummer (Seller ID) bei AutoScout24 Schweiz. Sie besteht nur aus Ziffern.",
    ),
    shared.LOCATION,
    SettingField(
        name="language",
        label="Sprache der Texte",
        type="choice",
        help="In dieser Sprache sind Ihre Beschreibungen geschrieben.",
        options=(Option("de", "Deutsch"), Option("fr", "Französisch"), Option("it", "Italienisch")),
        default="de",
        required=True,
    ),
    WARRANTY,
    SettingField(
        name="warranty_months",
        label="Dauer der Garantie in Monaten",
        type="number",
        help="Leer: Die Dauer wird nicht genannt.",
        lowest=1,
        highest=199,
        when=("warranty_type", WITH_WARRANTY),
    ),
    SettingField(
        name="warranty_mileage",
        label="Garantie bis zu dieser Fahrleistung in km",
        type="number",
        help="Leer: ohne Begrenzung.",
        lowest=1,
        highest=9_999_999,
        when=("warranty_type", WITH_WARRANTY),
    ),
    SettingField(
        name="direct_import",
        label="Direktimport",
        type="flag",
        help="Mit Ja werden alle Fahrzeuge dieser Anbindung als Direkt-/Parallelimport gekennzeichnet.",
        default=False,
    ),
    shared.equipment_format(
        bullet="-",
        help="So erscheint die Ausstattung in der Beschreibung. Die Suchmerkmale werden immer übertragen.",
    ),
    shared.number_format("AutoScout24 Schweiz"),
    SettingField(
        name="bookings",
        label="Zusatzbuchungen",
        type="choice",
        help="Die Top-Liste kostet bei AutoScout24 Schweiz zusätzlich.",
        options=(
            Option(
                "none",
                "Nicht übertragen",
                "Es wird nichts gebucht. Was bei AutoScout24 läuft, bleibt bestehen.",
            ),
            Option("vehicle", "Vom Fahrzeug übernehmen", "Gebucht wird, was am Fahrzeug angekreuzt ist."),
        ),
        default="none",
        required=True,
        change_warning="Zusatzbuchungen kosten Geld und werden mit der nächsten Übertragung gebucht.",
    ),
    shared.kinds(),
    shared.lock_scope(),
)
