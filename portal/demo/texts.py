"""German headlines and descriptions."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from portal.demo.catalogue import DemoModel
from portal.vehicle_facts.data import Kind, VehicleClass, VehicleData
from portal.vehicle_facts.equipment import label_of

HEADLINE = 48
TAGS = {
    "navigation": "Navi",
    "headlights_led": "LED",
    "adaptive_cruise_control": "ACC",
    "panoramic_roof": "Pano",
    "heated_seats": "SHZ",
    "parking_camera_rear": "Kamera",
    "trailer_coupling_detachable": "AHK",
    "head_up_display": "HUD",
    "carplay": "CarPlay",
}
NOTABLE = (
    "navigation",
    "heated_seats",
    "panoramic_roof",
    "adaptive_cruise_control",
    "head_up_display",
    "headlights_led",
    "parking_camera_rear",
    "keyless_entry",
    "trailer_coupling_detachable",
    "trailer_coupling_swiveling",
    "heat_pump",
    "sound_system",
    "climate_control_2_zones",
    "carplay",
)
OWNERS = {1: "erster", 2: "zweiter", 3: "dritter", 4: "vierter"}
CHARACTER = {
    "small_car": (
        "Handlich in der Stadt, sparsam auf der Landstraße: ein unkomplizierter Kleinwagen für jeden Tag.",
        "Mit seinen kompakten Maßen passt er in jede Parklücke und bietet innen erstaunlich viel Platz.",
    ),
    "saloon": (
        "Ein ausgewogenes Fahrzeug für Alltag und Reise mit bequemen Sitzen und geräumigem Kofferraum.",
        "Angenehm leise, gut verarbeitet und auch auf langen Strecken entspannt zu fahren.",
    ),
    "estate": (
        "Der große Laderaum mit ebener Ladefläche macht ihn zum Begleiter für Familie, Hobby und Beruf.",
        "Viel Platz für Gepäck, Kinderwagen oder Fahrräder und dabei handlich wie eine Limousine.",
    ),
    "coupe": ("Sportlich abgestimmtes Fahrwerk, kräftiger Motor und eine Linie, die auch im Stand gefällt.",),
    "convertible": (
        "Verdeck auf, Sonne herein: ein Fahrzeug für die schönen Tage, gepflegt und in der Garage gestanden.",
    ),
    "off_road": (
        "Die erhöhte Sitzposition gibt Übersicht, der Innenraum ist variabel und der Kofferraum groß.",
        "Bequemer Einstieg, gute Rundumsicht und viel Stauraum: ein SUV für alle Tage.",
    ),
    "mpv": (
        "Variabler Innenraum mit verschiebbaren Sitzen, großen Türen und reichlich Stauraum für die Familie.",
    ),
    "van": (
        "Sofort einsatzbereiter Transporter für Handwerk und Lieferdienst, Laderaum trocken und sauber.",
    ),
    "motorbike": ("Gepflegtes Motorrad, scheckheftgeführt und über den Winter trocken untergestellt.",),
    "motor_home": (
        "Reisefertiges Wohnmobil, dicht geprüft, mit aktueller Gasprüfung. Besichtigung nach Absprache.",
    ),
}
SERVICE = (
    "Gern nehmen wir Ihr jetziges Fahrzeug in Zahlung und erstellen Ihnen ein Finanzierungsangebot.",
    "Probefahrt nach Absprache auch am Abend. Eine Inzahlungnahme ist möglich.",
    "Auf Wunsch liefern wir das Fahrzeug zugelassen bis vor Ihre Haustür.",
    "Eine Anschlussgarantie über 12 oder 24 Monate bieten wir Ihnen gern an.",
)
CLOSING = "Irrtümer und Zwischenverkauf vorbehalten."


def headline(model: DemoModel, trim: str, features: frozenset[str]) -> str:
    text = " ".join(part for part in (model.version, "" if trim == "Basis" else trim) if part)
    for code, tag in TAGS.items():
        if code in features and len(text) + len(tag) < HEADLINE:
            text = f"{text} {tag}".strip()
    return text


def description(facts: VehicleData, body: str, rng: Random) -> str:
    writer = DescriptionWriter(facts, rng)
    paragraphs = [
        f"{writer.opening()} {rng.choice(CHARACTER[body])}",
        writer.fittings(),
        writer.damage(),
        f"{rng.choice(SERVICE)} {CLOSING}",
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


@dataclass(frozen=True)
class DescriptionWriter:
    """What is said of one vehicle; chance chooses the words."""

    facts: VehicleData
    rng: Random

    def opening(self) -> str:
        name = f"{self.facts.make} {self.facts.model}"
        match self.facts.kind:
            case Kind.NEW:
                return (
                    f"Neuer {name}, sofort verfügbar, noch nicht zugelassen, mit voller Herstellergarantie."
                )
            case Kind.DEMONSTRATOR:
                return f"Unser Vorführwagen: {name} mit {self._km()} km, bisher nur für Probefahrten genutzt."
            case Kind.ONE_DAY_REGISTRATION:
                return f"{name} mit Tageszulassung, neuwertig, deutlich unter dem Listenpreis."
            case Kind.EMPLOYEES_CAR:
                return f"Jahreswagen: {name} von einem Werksangehörigen, {self._km()} km, lückenlos gewartet."
            case Kind.CLASSIC:
                return f"{name} in gepflegtem, weitgehend originalem Zustand, mit Historie und H-Kennzeichen."
        return self._used(name)

    def _used(self, name: str) -> str:
        year, month = (self.facts.first_registration or "2015-01").split("-")
        owners = OWNERS.get(self.facts.previous_owners or 1, "mehrerer")
        care = (
            "Das Serviceheft ist lückenlos geführt."
            if self.facts.service_history
            else "Rechnungen liegen teilweise vor."
        )
        start = (
            self.rng.choice(("Gepflegter", "Sauberer", "Solider"))
            if self.facts.vehicle_class is VehicleClass.CAR
            else ""
        )
        what = f"{start} {name}".strip()
        return f"{what} aus {owners} Hand, Erstzulassung {month}/{year}, {self._km()} km. {care}"

    def _km(self) -> str:
        return f"{self.facts.mileage or 0:,}".replace(",", ".")

    def fittings(self) -> str:
        has = [label_of(code) for code in NOTABLE if code in self.facts.equipment.features][:5]
        has += list(self.facts.equipment.standard[:2] + self.facts.equipment.other[:2])
        if len(has) < 2:
            return ""
        intro = self.rng.choice(
            ("Zur Ausstattung gehören unter anderem", "An Bord sind unter anderem", "Ausgestattet mit")
        )
        return f"{intro} {', '.join(has[:-1])} und {has[-1]}."

    def damage(self) -> str:
        if not self.facts.damaged:
            return ""
        drives = (
            "Das Fahrzeug ist fahrbereit." if self.facts.roadworthy else "Das Fahrzeug ist nicht fahrbereit."
        )
        return (
            "Unfallschaden vorne links: Kotflügel, Scheinwerfer und Stoßfänger sind beschädigt, "
            f"die Airbags haben nicht ausgelöst. {drives} Verkauf im jetzigen Zustand, "
            "Fotos des Schadens senden wir gern zu."
        )


def highlights(facts: VehicleData) -> tuple[str, ...]:
    return tuple(label_of(code) for code in NOTABLE if code in facts.equipment.features)[:3]
