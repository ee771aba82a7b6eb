"""The settings of an activation in the order of the form."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.common import settings as shared
from portal.platforms.contract.fields import Option, SettingField

WARRANTY = SettingField(
    name="warranty_type",
    label=say("Beginn der Garantie"),
    type="choice",
    help=say("So wird die Garantie der Fahrzeuge genannt, an denen eine Garantie angekreuzt ist."),
    options=(
        Option("from-delivery", say("Ab Übergabe")),
        Option("from-first-registration", say("Ab Erstzulassung")),
        Option("none", say("Keine Garantie nennen")),
    ),
    default="from-delivery",
    required=True,
)
WITH_WARRANTY = ("from-delivery", "from-first-registration")

FIELDS: tuple[SettingField, ...] = (
    shared.customer_number(
        say("Verkäufernummer"),
        say("Ihre Nummer (Seller ID) bei AutoScout24 Schweiz. Sie besteht nur aus Ziffern."),
    ),
    shared.LOCATION,
    SettingField(
        name="language",
        label=say("Sprache der Texte"),
        type="choice",
        help=say("In dieser Sprache sind Ihre Beschreibungen geschrieben."),
        options=(
            Option("de", say("Deutsch")),
            Option("fr", say("Französisch")),
            Option("it", say("Italienisch")),
        ),
        default="de",
        required=True,
    ),
    WARRANTY,
    SettingField(
        name="warranty_months",
        label=say("Dauer der Garantie in Monaten"),
        type="number",
        help=say("Leer: Die Dauer wird nicht genannt."),
        lowest=1,
        highest=199,
        when=("warranty_type", WITH_WARRANTY),
    ),
    SettingField(
        name="warranty_mileage",
        label=say("Garantie bis zu dieser Fahrleistung in km"),
        type="number",
        help=say("Leer: ohne Begrenzung."),
        lowest=1,
        highest=9_999_999,
        when=("warranty_type", WITH_WARRANTY),
    ),
    SettingField(
        name="direct_import",
        label=say("Direktimport"),
        type="flag",
        help=say("Mit Ja werden alle Fahrzeuge dieser Anbindung als Direkt-/Parallelimport gekennzeichnet."),
        default=False,
    ),
    shared.equipment_format(
        bullet="-",
        help=shared.BESIDE_CRITERIA,
    ),
    shared.number_format("AutoScout24 Schweiz"),
    shared.bookings("AutoScout24 Schweiz", say("Die Top-Liste kostet bei AutoScout24 Schweiz zusätzlich.")),
    shared.kinds(),
    shared.lock_scope(),
)
