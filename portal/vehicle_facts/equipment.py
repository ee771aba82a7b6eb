"""Search criteria of equipment: the codes that `Equipment.features` holds.

One catalogue for the form, the imports and every platform's mapping. A platform that knows a
criterion under another name maps it from the code; codes never change once vehicles carry them.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.messages import N_

SAFETY = N_("Sicherheit")
ASSISTANCE = N_("Assistenz")
COMFORT = N_("Komfort")
CLIMATE = N_("Klima")
SEATS = N_("Sitze und Innenraum")
MEDIA = N_("Multimedia")
LIGHT = N_("Licht und Sicht")
CHASSIS = N_("Fahrwerk und Räder")
EXTERIOR = N_("Außen und Anhänger")
OTHER = N_("Sonstiges")

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
        ("isofix", N_("Isofix")),
        ("immobilizer", N_("Elektronische Wegfahrsperre")),
        ("alarm_system", N_("Alarmanlage")),
        ("tyre_pressure_monitoring", N_("Reifendruckkontrolle")),
    ),
    *_choice(
        SAFETY,
        "airbag",
        ("airbag_driver", N_("Fahrer-Airbag")),
        ("airbags_front", N_("Front-Airbags")),
        ("airbags_front_side", N_("Front- und Seiten-Airbags")),
        ("airbags_front_side_more", N_("Front-, Seiten- und weitere Airbags")),
    ),
    *_choice(
        SAFETY,
        "breakdown",
        ("spare_wheel", N_("Reserverad")),
        ("emergency_wheel", N_("Notrad")),
        ("repair_kit", N_("Pannenkit")),
    ),
    *_plain(
        ASSISTANCE,
        ("lane_departure_warning", N_("Spurhalteassistent")),
        ("blind_spot_monitor", N_("Totwinkel-Assistent")),
        ("collision_avoidance", N_("Notbremsassistent")),
        ("distance_warning", N_("Abstandswarner")),
        ("fatigue_warning", N_("Müdigkeitswarner")),
        ("traffic_sign_recognition", N_("Verkehrszeichenerkennung")),
        ("high_beam_assist", N_("Fernlichtassistent")),
        ("night_vision", N_("Nachtsicht-Assistent")),
        ("head_up_display", N_("Head-up-Display")),
        ("hill_start_assist", N_("Berganfahrassistent")),
        ("start_stop", N_("Start-Stopp-Automatik")),
        ("parking_sensors_front", N_("Einparkhilfe vorne")),
        ("parking_sensors_rear", N_("Einparkhilfe hinten")),
        ("parking_camera_rear", N_("Rückfahrkamera")),
        ("parking_camera_360", N_("360°-Kamera")),
        ("parking_automatic", N_("Selbstlenkende Einparkhilfe")),
    ),
    *_choice(
        ASSISTANCE,
        "speed",
        ("cruise_control", N_("Tempomat")),
        ("adaptive_cruise_control", N_("Abstandstempomat")),
    ),
    *_plain(
        COMFORT,
        ("keyless_entry", N_("Schlüssellose Zentralverriegelung")),
        ("central_locking", N_("Zentralverriegelung")),
        ("power_windows", N_("Elektrische Fensterheber")),
        ("power_mirrors", N_("Elektrische Seitenspiegel")),
        ("dimming_mirror", N_("Innenspiegel automatisch abblendend")),
        ("power_tailgate", N_("Elektrische Heckklappe")),
        ("power_steering", N_("Servolenkung")),
        ("multifunction_wheel", N_("Multifunktionslenkrad")),
        ("heated_steering_wheel", N_("Beheizbares Lenkrad")),
        ("voice_control", N_("Sprachsteuerung")),
        ("panoramic_roof", N_("Panorama-Dach")),
        ("sunroof", N_("Schiebedach")),
        ("ambient_lighting", N_("Ambiente-Beleuchtung")),
        ("arm_rest", N_("Armlehne")),
    ),
    *_choice(
        CLIMATE,
        "climate",
        ("no_air_conditioning", N_("Keine Klimaanlage")),
        ("air_conditioning", N_("Klimaanlage")),
        ("climate_control", N_("Klimaautomatik")),
        ("climate_control_2_zones", N_("2-Zonen-Klimaautomatik")),
        ("climate_control_3_zones", N_("3-Zonen-Klimaautomatik")),
        ("climate_control_4_zones", N_("4-Zonen-Klimaautomatik")),
    ),
    *_plain(
        CLIMATE,
        ("auxiliary_heating", N_("Standheizung")),
        ("heated_windshield", N_("Beheizbare Frontscheibe")),
        ("heat_pump", N_("Wärmepumpe")),
        ("winter_package", N_("Winterpaket")),
    ),
    *_plain(
        SEATS,
        ("heated_seats", N_("Sitzheizung")),
        ("heated_rear_seats", N_("Sitzheizung hinten")),
        ("ventilated_seats", N_("Sitzbelüftung")),
        ("massage_seats", N_("Massagesitze")),
        ("power_seats", N_("Elektrische Sitzeinstellung")),
        ("memory_seats", N_("Elektrische Sitzeinstellung mit Memory-Funktion")),
        ("sport_seats", N_("Sportsitze")),
    ),
    *_plain(
        MEDIA,
        ("navigation", N_("Navigationssystem")),
        ("carplay", N_("Apple CarPlay")),
        ("android_auto", N_("Android Auto")),
        ("bluetooth", N_("Bluetooth")),
        ("usb", "USB"),
        ("wifi_hotspot", N_("WLAN / WiFi-Hotspot")),
        ("wireless_charging", N_("Induktionsladen für Smartphones")),
        ("sound_system", N_("Soundsystem")),
        ("touchscreen", N_("Touchscreen")),
        ("digital_cockpit", N_("Volldigitales Kombiinstrument")),
        ("hands_free", N_("Freisprecheinrichtung")),
        ("board_computer", N_("Bordcomputer")),
        ("radio", N_("Tuner/Radio")),
        ("radio_dab", N_("Radio DAB")),
    ),
    *_choice(
        LIGHT,
        "headlights",
        ("headlights_xenon", N_("Xenonscheinwerfer")),
        ("headlights_bi_xenon", N_("Bi-Xenon-Scheinwerfer")),
        ("headlights_led", N_("LED-Scheinwerfer")),
        ("headlights_laser", N_("Laserlicht")),
    ),
    *_choice(
        LIGHT,
        "daytime_running",
        ("daytime_running_lights", N_("Tagfahrlicht")),
        ("daytime_running_led", N_("LED-Tagfahrlicht")),
    ),
    *_choice(
        LIGHT,
        "bending",
        ("bending_lights", N_("Kurvenlicht")),
        ("adaptive_bending_lights", N_("Adaptives Kurvenlicht")),
    ),
    *_plain(
        LIGHT,
        ("light_sensor", N_("Lichtsensor")),
        ("rain_sensor", N_("Regensensor")),
        ("fog_lights", N_("Nebelscheinwerfer")),
        ("tinted_windows", N_("Abgedunkelte Scheiben")),
    ),
    *_plain(
        CHASSIS,
        ("alloy_wheels", N_("Leichtmetallfelgen")),
        ("summer_tyres", N_("Sommerreifen")),
        ("winter_tyres", N_("Winterreifen")),
        ("all_season_tyres", N_("Allwetterreifen")),
        ("air_suspension", N_("Luftfederung")),
        ("sport_suspension", N_("Sportfahrwerk")),
        ("dynamic_chassis_control", N_("Dynamische Fahrwerksregelung")),
    ),
    *_plain(EXTERIOR, ("roof_rails", N_("Dachreling"))),
    *_choice(
        EXTERIOR,
        "trailer",
        ("trailer_coupling_fix", N_("Anhängerkupplung fest")),
        ("trailer_coupling_detachable", N_("Anhängerkupplung abnehmbar")),
        ("trailer_coupling_swiveling", N_("Anhängerkupplung schwenkbar")),
        ("trailer_coupling_prepared", N_("Anhängerkupplung vorbereitet")),
    ),
    *_plain(
        OTHER,
        ("disabled_access", N_("Behindertengerecht")),
        ("taxi", N_("Taxi")),
        ("biodiesel", N_("Biodieseltauglich")),
        ("catalytic_converter", N_("Katalysator")),
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
