"""Search criteria: our codes of equipment and the platform's fields for them."""

from __future__ import annotations

from portal.platforms.mobile_de.draft import AdDraft

FLAGS: dict[str, str] = {
    "abs": "abs",
    "esp": "esp",
    "isofix": "isofix",
    "immobilizer": "immobilizer",
    "alarm_system": "alarmSystem",
    "tyre_pressure_monitoring": "tirePressureMonitoring",
    "lane_departure_warning": "laneDepartureWarning",
    "blind_spot_monitor": "blindSpotMonitor",
    "collision_avoidance": "collisionAvoidance",
    "distance_warning": "distanceWarningSystem",
    "fatigue_warning": "fatigueWarningSystem",
    "traffic_sign_recognition": "trafficSignRecognition",
    "high_beam_assist": "highBeamAssist",
    "night_vision": "nightVisionAssist",
    "head_up_display": "headUpDisplay",
    "hill_start_assist": "hillStartAssist",
    "start_stop": "startStopSystem",
    "heated_seats": "electricHeatedSeats",
    "heated_rear_seats": "electricHeatedRearSeats",
    "ventilated_seats": "ventilatedSeats",
    "massage_seats": "massageSeats",
    "power_seats": "electricAdjustableSeats",
    "memory_seats": "memorySeats",
    "sport_seats": "sportSeats",
    "heated_steering_wheel": "heatedSteeringWheel",
    "heated_windshield": "heatedWindshield",
    "panoramic_roof": "panoramicGlassRoof",
    "sunroof": "sunroof",
    "auxiliary_heating": "auxiliaryHeating",
    "power_tailgate": "electricTailgate",
    "keyless_entry": "keylessEntry",
    "multifunction_wheel": "multifunctionalWheel",
    "voice_control": "voiceControl",
    "power_mirrors": "electricExteriorMirrors",
    "dimming_mirror": "dimmingInteriorMirror",
    "ambient_lighting": "ambientLighting",
    "arm_rest": "armRest",
    "navigation": "navigationSystem",
    "carplay": "carplay",
    "android_auto": "androidAuto",
    "bluetooth": "bluetooth",
    "usb": "usb",
    "wifi_hotspot": "wifiHotspot",
    "wireless_charging": "wirelessCharging",
    "sound_system": "soundSystem",
    "touchscreen": "touchscreen",
    "digital_cockpit": "digitalCockpit",
    "hands_free": "handsFreePhoneSystem",
    "board_computer": "onBoardComputer",
    "light_sensor": "lightSensor",
    "rain_sensor": "automaticRainSensor",
    "fog_lights": "frontFogLights",
    "alloy_wheels": "alloyWheels",
    "summer_tyres": "summerTires",
    "winter_tyres": "winterTires",
    "all_season_tyres": "allSeasonTires",
    "air_suspension": "airSuspension",
    "sport_suspension": "performanceHandlingSystem",
    "dynamic_chassis_control": "dynamicChassisControl",
    "roof_rails": "roofRails",
    "tinted_windows": "tintedWindows",
    "power_windows": "electricWindows",
    "central_locking": "centralLocking",
    "power_steering": "powerAssistedSteering",
    "winter_package": "winterPackage",
    "heat_pump": "heatPump",
}

# field → its reference list and, per code, the documented value; the last code that applies wins
CHOICES: dict[str, tuple[str, dict[str, str]]] = {
    "climatisation": (
        "climatisations",
        {
            "no_air_conditioning": "NO_CLIMATISATION",
            "air_conditioning": "MANUAL_CLIMATISATION",
            "climate_control": "AUTOMATIC_CLIMATISATION",
            "climate_control_2_zones": "AUTOMATIC_CLIMATISATION_2_ZONES",
            "climate_control_3_zones": "AUTOMATIC_CLIMATISATION_3_ZONES",
            "climate_control_4_zones": "AUTOMATIC_CLIMATISATION_4_ZONES",
        },
    ),
    "airbag": (
        "airbags",
        {
            "airbag_driver": "DRIVER_AIRBAG",
            "airbags_front": "FRONT_AIRBAGS",
            "airbags_front_side": "FRONT_AND_SIDE_AIRBAGS",
            "airbags_front_side_more": "FRONT_AND_SIDE_AND_MORE_AIRBAGS",
        },
    ),
    "speedControl": (
        "speedcontrols",
        {"cruise_control": "CRUISE_CONTROL", "adaptive_cruise_control": "ADAPTIVE_CRUISE_CONTROL"},
    ),
    "headlightType": (
        "headlighttypes",
        {
            "headlights_xenon": "XENON_HEADLIGHTS",
            "headlights_bi_xenon": "BI_XENON_HEADLIGHTS",
            "headlights_led": "LED_HEADLIGHTS",
            "headlights_laser": "LASER_HEADLIGHTS",
        },
    ),
    "daytimeRunningLamps": (
        "daytimerunninglamps",
        {"daytime_running_lights": "DAYTIME_RUNNING_LIGHTS", "daytime_running_led": "LED_RUNNING_LIGHTS"},
    ),
    "bendingLightsType": (
        "bendinglightstypes",
        {"bending_lights": "BENDING_LIGHTS", "adaptive_bending_lights": "ADAPTIVE_BENDING_LIGHTS"},
    ),
    "trailerCouplingType": (
        "trailercouplingtypes",
        {
            "trailer_coupling_prepared": "TRAILER_COUPLING_PREPARATION",
            "trailer_coupling_fix": "TRAILER_COUPLING_FIX",
            "trailer_coupling_swiveling": "TRAILER_COUPLING_SWIVELING",
            "trailer_coupling_detachable": "TRAILER_COUPLING_DETACHABLE",
        },
    ),
    "breakdownService": (
        "breakdownservices",
        {
            "repair_kit": "REPAIR_KIT",
            "emergency_wheel": "EMERGENCY_WHEEL",
            "spare_wheel": "SPARE_WHEEL",
        },
    ),
}

# field → its reference list and, per code, the documented value; all that apply are sent
LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "parkingAssistants": (
        "parkingassistants",
        {
            "parking_sensors_front": "FRONT_SENSORS",
            "parking_sensors_rear": "REAR_SENSORS",
            "parking_camera_rear": "REAR_VIEW_CAM",
            "parking_camera_360": "CAM_360_DEGREES",
            "parking_automatic": "AUTOMATIC_PARKING",
        },
    ),
    "radio": ("radiotypes", {"radio": "TUNER", "radio_dab": "DAB_RADIO"}),
}


def equipment(draft: AdDraft) -> None:
    features = draft.vehicle.equipment.features
    if not features:
        return
    for code in sorted(features & FLAGS.keys()):
        draft.put(FLAGS[code], True)
    for name, (path, values) in CHOICES.items():
        chosen = [value for code, value in values.items() if code in features]
        if chosen:
            draft.put_enum(name, path, chosen[-1])
    for name, (path, values) in LISTS.items():
        chosen = [value for code, value in values.items() if code in features]
        offered = (draft.book.value(path, value) for value in chosen)
        draft.put(name, [key for key in offered if key])
