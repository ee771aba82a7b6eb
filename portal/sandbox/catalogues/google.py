"""Google vehicle ads, with what Germany asks for besides (docs/protocols.md)."""

from __future__ import annotations

from collections.abc import Iterator

from portal.sandbox.catalogues.catalogue import EUROS, URL, Catalogue, Column, Duty, Row, measure, one_of
from portal.sandbox.catalogues.findings import Finding

CERTIFICATION = "certification(certification_authority:certification_name:certification_value)"
CLASS = r"BMWK:Vehicle_CO2_Class(?:_Discharged_Battery)?:[A-G]"
ENGINES = (
    "gasoline",
    "diesel",
    "electric",
    "hybrid",
    "plug-in_hybrid",
    "lpg",
    "methane",
    "natural_gas",
    "other",
)
STANDARDS = tuple(f"euro{name}" for name in ("1", "2", "3", "4", "5", "5b", "6", "6c", "6d", "6d-TEMP", "6e"))


def is_new(row: Row) -> bool:
    return row.get("condition", "").lower() == "new"


def engine(row: Row) -> str:
    return row.get("engine", "").lower()


def is_charged(row: Row) -> bool:
    return engine(row) in ("electric", "plug-in_hybrid")


def is_new_plug_in(row: Row) -> bool:
    return is_new(row) and engine(row) == "plug-in_hybrid"


def burns(row: Row) -> bool:
    return engine(row) in ("gasoline", "diesel", "hybrid", "plug-in_hybrid")


def _classes(row: Row) -> Iterator[Finding]:
    """The energy label of a new car: a plug-in hybrid has two classes."""
    stated = row.get(CERTIFICATION, "")
    wanted = ["Vehicle_CO2_Class", *(["Vehicle_CO2_Class_Discharged_Battery"] if is_new_plug_in(row) else [])]
    for name in wanted if is_new(row) else ():
        if f":{name}:" not in stated:
            yield Finding("class-missing", CERTIFICATION, name)


GOOGLE = Catalogue(
    slug="google-vehicle-ads",
    name="Google",
    separator="\t",
    key="id",
    shown=("brand", "model", "trim"),
    picture="image_link",
    page="link",
    columns=(
        Column("id", required=True),
        Column("store_code", required=True),
        Column("google_product_category", required=True, form="916"),
        Column("brand", required=True),
        Column("model", required=True),
        Column("year", required=True, form=r"\d{4}"),
        Column("condition", required=True, form=one_of("New", "Used")),
        Column("mileage", required=True, form=r"\d+ km"),
        Column("price", required=True, form=EUROS),
        Column("vehicle_msrp", form=EUROS),
        Column("image_link", required=True, form=URL),
        Column("additional_image_link", form=f"{URL}(?:,{URL}){{0,9}}"),
        Column("link", required=True, form=URL),
        Column("engine", required=True, form=one_of(*ENGINES)),
        Column(CERTIFICATION, form=f"{CLASS}(?:,{CLASS})?"),
        Column("fuel_consumption", form=measure("(?:l|kg)/100km")),
        Column("fuel_consumption_discharged_battery", form=measure("l/100km")),
        Column("co2_emissions", form=measure("g/km")),
        Column("energy_consumption", form=measure("kWh/100km")),
        Column("electric_range", form=measure("km")),
        Column("date_first_registered", form=r"\d{4}-(?:0[1-9]|1[0-2])"),
        Column("emissions_standard", form=one_of(*STANDARDS, "zero_emissions")),
    ),
    unique=("id", "vin"),
    duties=(
        Duty("fuel_consumption", lambda row: is_new(row) and burns(row)),
        Duty("fuel_consumption_discharged_battery", is_new_plug_in),
        Duty("co2_emissions", lambda row: engine(row) != "electric"),
        Duty("energy_consumption", is_charged),
        Duty("electric_range", lambda row: is_new(row) and is_charged(row)),
        Duty("date_first_registered", lambda row: not is_new(row)),
    ),
    id_on_page=True,
    also=_classes,
)
