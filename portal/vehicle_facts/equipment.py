"""Search criteria of equipment: the codes that `Equipment.features` holds.

One catalogue for the form, the imports and every platform's mapping. A platform that knows a
criterion under another name maps it from the code; codes never change once vehicles carry them.
"""

from __future__ import annotations

from dataclasses import dataclass

SAFETY = "Sicherheit"
ASSISTANCE = "Assistenz"
COMFORT = "Komfort"
CLIMATE = "Klima"
SEATS = "Sitze und Innenraum"
MEDIA = "Multimedia"
LIGHT = "Licht und Sicht"
CHASSIS = "Fahrwerk und Räder"
EXTERIOR = "Außen und Anhänger"
OTHER = "Sonstiges"

GROUPS = (SAFETY, ASSISTANCE, COMFORT, CLIMATE, SEATS, MEDIA, LIGHT, CHASSIS, EXTERIOR, OTHER)


@dataclass(frozen=True)
class Criterion:
    """A search criterion. `choice` names a set of criteria of which a vehicle has at most one."""

    code: str
    label: str
    group: str
    choice: str = ""


def _plain(group: str, *pairs: tuple[str, str]) -> tuple[Criterion, ...]:
    return tuple(Criterion(code, label, group) for code, label in pairs)


def _choice(group: str, choice: str, *pairs: tuple[str, str]) -> tuple[Criterion, ...]:
    return tuple(Criterion(code, label, group, choice) for code, label in pairs)


CRITERIA: tuple[Criterion, ...] = (
    *_plain(
        SAFETY,
        ("abs", "ABS"),
        ("esp", "ESP"),
        ("isofix", "Isofix"),
        ("immobilizer", "Elektronische Wegfahrsperre"),
        ("alarm_system", "Alarmanlage"),
        ("tyre_pressure_monitoring", "Reifendruckkontrolle"),
    ),
    *_choice(
        SAFETY,
        "airbag",
        ("airbag_driver", "Fahrer-Airbag"),
        ("airbags_front", "Front-Airbags"),
        ("airbags_front_side", "Front- und Seiten-Airbags"),
        ("airbags_front_side_more", "Front-, Seiten- und weitere Airbags"),
    ),
    *_choice(
        SAFETY,
        "breakdown",
        ("spare_wheel", "Reserverad"),
        ("emergency_wheel", "Notrad"),
        ("repair_kit", "Pannenkit"),
    ),
    *_plain(
        ASSISTANCE,
        ("lane_departure_warning", "Spurhalteassistent"),
        ("blind_spot_monitor", "Totwinkel-Assistent"),
        ("collision_avoidance", "Notbremsassistent"),
        ("distance_warning", "Abstandswarner"),
        ("fatigue_warning", "Müdigkeitswarner"),
        ("traffic_sign_recognition", "Verkehrszeichenerkennung"),
        ("high_beam_assist", "Fernlichtassistent"),
        ("night_vision", "Nachtsicht-Assistent"),
        ("head_up_display", "Head-up-Display"),
        ("hill_start_assist", "Berganfahrassistent"),
        ("start_stop", "Start-Stopp-Automatik"),
        ("parking_sensors_front", "Einparkhilfe vorne"),
        ("parking_sensors_rear", "Einparkhilfe hinten"),
        ("parking_camera_rear", "Rückfahrkamera"),
        ("parking_camera_360", "360°-Kamera"),
        ("parking_automatic", "Selbstlenkende Einparkhilfe"),
    ),
    *_choice(
        ASSISTANCE,
        "speed",
        ("cruise_control", "Tempomat"),
        ("adaptive_cruise_control", "Abstandstempomat"),
    ),
    *_plain(
        COMFORT,
        ("keyless_entry", "Schlüssellose Zentralverriegelung"),
        ("central_locking", "Zentralverriegelung"),
        ("power_windows", "Elektrische Fensterheber"),
        ("power_mirrors", "Elektrische Seitenspiegel"),
        ("dimming_mirror", "Innenspiegel automatisch abblendend"),
        ("power_tailgate", "Elektrische Heckklappe"),
        ("power_steering", "Servolenkung"),
        ("multifunction_wheel", "Multifunktionslenkrad"),
        ("heated_steering_wheel", "Beheizbares Lenkrad"),
        ("voice_control", "Sprachsteuerung"),
        ("panoramic_roof", "Panorama-Dach"),
        ("sunroof", "Schiebedach"),
        ("ambient_lighting", "Ambiente-Beleuchtung"),
        ("arm_rest", "Armlehne"),
    ),
    *_choice(
        CLIMATE,
        "climate",
        ("no_air_conditioning", "Keine Klimaanlage"),
        ("air_conditioning", "Klimaanlage"),
        ("climate_control", "Klimaautomatik"),
        ("climate_control_2_zones", "2-Zonen-Klimaautomatik"),
        ("climate_control_3_zones", "3-Zonen-Klimaautomatik"),
        ("climate_control_4_zones", "4-Zonen-Klimaautomatik"),
    ),
    *_plain(
        CLIMATE,
        ("auxiliary_heating", "Standheizung"),
        ("heated_windshield", "Beheizbare Frontscheibe"),
        ("heat_pump", "Wärmepumpe"),
        ("winter_package", "Winterpaket"),
    ),
    *_plain(
        SEATS,
        ("heated_seats", "Sitzheizung"),
        ("heated_rear_seats", "Sitzheizung hinten"),
        ("ventilated_seats", "Sitzbelüftung"),
        ("massage_seats", "Massagesitze"),
        ("power_seats", "Elektrische Sitzeinstellung"),
        ("memory_seats", "Elektrische Sitzeinstellung mit Memory-Funktion"),
        ("sport_seats", "Sportsitze"),
    ),
    *_plain(
        MEDIA,
        ("navigation", "Navigationssystem"),
        ("carplay", "Apple CarPlay"),
        ("android_auto", "Android Auto"),
        ("bluetooth", "Bluetooth"),
        ("usb", "USB"),
        ("wifi_hotspot", "WLAN / WiFi-Hotspot"),
        ("wireless_charging", "Induktionsladen für Smartphones"),
        ("sound_system", "Soundsystem"),
        ("touchscreen", "Touchscreen"),
        ("digital_cockpit", "Volldigitales Kombiinstrument"),
        ("hands_free", "Freisprecheinrichtung"),
        ("board_computer", "Bordcomputer"),
        ("radio", "Tuner/Radio"),
        ("radio_dab", "Radio DAB"),
    ),
    *_choice(
        LIGHT,
        "headlights",
        ("headlights_xenon", "Xenonscheinwerfer"),
        ("headlights_bi_xenon", "Bi-Xenon-Scheinwerfer"),
        ("headlights_led", "LED-Scheinwerfer"),
        ("headlights_laser", "Laserlicht"),
    ),
    *_choice(
        LIGHT,
        "daytime_running",
        ("daytime_running_lights", "Tagfahrlicht"),
        ("daytime_running_led", "LED-Tagfahrlicht"),
    ),
    *_choice(
        LIGHT,
        "bending",
        ("bending_lights", "Kurvenlicht"),
        ("adaptive_bending_lights", "Adaptives Kurvenlicht"),
    ),
    *_plain(
        LIGHT,
        ("light_sensor", "Lichtsensor"),
        ("rain_sensor", "Regensensor"),
        ("fog_lights", "Nebelscheinwerfer"),
        ("tinted_windows", "Abgedunkelte Scheiben"),
    ),
    *_plain(
        CHASSIS,
        ("alloy_wheels", "Leichtmetallfelgen"),
        ("summer_tyres", "Sommerreifen"),
        ("winter_tyres", "Winterreifen"),
        ("all_season_tyres", "Allwetterreifen"),
        ("air_suspension", "Luftfederung"),
        ("sport_suspension", "Sportfahrwerk"),
        ("dynamic_chassis_control", "Dynamische Fahrwerksregelung"),
    ),
    *_plain(EXTERIOR, ("roof_rails", "Dachreling")),
    *_choice(
        EXTERIOR,
        "trailer",
        ("trailer_coupling_fix", "Anhängerkupplung fest"),
        ("trailer_coupling_detachable", "Anhängerkupplung abnehmbar"),
        ("trailer_coupling_swiveling", "Anhängerkupplung schwenkbar"),
        ("trailer_coupling_prepared", "Anhängerkupplung vorbereitet"),
    ),
    *_plain(
        OTHER,
        ("disabled_access", "Behindertengerecht"),
        ("taxi", "Taxi"),
        ("biodiesel", "Biodieseltauglich"),
        ("catalytic_converter", "Katalysator"),
    ),
)

BY_CODE: dict[str, Criterion] = {criterion.code: criterion for criterion in CRITERIA}


def grouped() -> dict[str, tuple[Criterion, ...]]:
    """The catalogue by group, in the order in which a form shows it."""
    return {group: tuple(c for c in CRITERIA if c.group == group) for group in GROUPS}


def label_of(code: str) -> str:
    """The German label of a code; the code itself when the catalogue does not know it."""
    found = BY_CODE.get(code)
    return found.label if found else code
