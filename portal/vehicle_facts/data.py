"""The facts of a vehicle, as they travel from import and form to the platforms.

One model for all of them: stored as JSON in `vehicle.data` (spec section 9), read by every mapping.
Texts that a platform has its own keys for (make, model, colour) stay the dealer's labels here;
each platform matches them to its keys.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_serializer

Money = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)]
Month = Annotated[str, Field(pattern=r"^(18|19|20|21)\d\d-(0[1-9]|1[0-2])$")]
"""A calendar month as `YYYY-MM`."""
Whole = Annotated[int, Field(ge=0, le=9_999_999)]
Consumption = Annotated[Decimal, Field(ge=0, le=999, decimal_places=2)]
Emission = Annotated[
    Annotated[int, Field(ge=0, le=9_999)] | Annotated[Decimal, Field(ge=0, le=9_999, decimal_places=1)],
    AfterValidator(lambda value: int(value) if value == int(value) else value),
]
"""g/km as a type approval states them: whole, or with one decimal."""
CO2Class = Annotated[str, Field(pattern=r"^[A-G]$")]

# How much a text or a list may hold, for every way in; the registry and the API's document tell it.
ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
"""No control characters, no line breaks."""
NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
"""No control characters but line breaks and tabs; old stocks have those also where one line belongs."""
Word = Annotated[str, Field(max_length=40, pattern=NO_CONTROL)]
Name = Annotated[str, Field(max_length=60, pattern=NO_CONTROL)]
LongName = Annotated[str, Field(max_length=120, pattern=NO_CONTROL)]
Title = Annotated[str, Field(max_length=200, pattern=NO_CONTROL)]
Line = Annotated[str, Field(max_length=500, pattern=NO_CONTROL)]
MOST_LINES = 500
Lines = Annotated[tuple[Line, ...], Field(max_length=MOST_LINES)]
"""Of equipment; the longest lists of makers have some 200 entries."""
MOST_MARKS = 200


class Kind(StrEnum):
    """How the vehicle is sold; decides which rules and fields apply."""

    USED = "used"
    NEW = "new"
    DEMONSTRATOR = "demonstrator"
    ONE_DAY_REGISTRATION = "one_day_registration"
    EMPLOYEES_CAR = "employees_car"
    CLASSIC = "classic"


class VehicleClass(StrEnum):
    """UNKNOWN: the dealer's category is a word that nobody knows, so nobody can say what it is."""

    CAR = "car"
    MOTORBIKE = "motorbike"
    VAN = "van"
    MOTOR_HOME = "motor_home"
    CARAVAN = "caravan"
    TRAILER = "trailer"
    TRUCK = "truck"
    SEMI_TRAILER_TRUCK = "semi_trailer_truck"
    SEMI_TRAILER = "semi_trailer"
    BUS = "bus"
    CONSTRUCTION_MACHINE = "construction_machine"
    AGRICULTURAL = "agricultural"
    FORKLIFT = "forklift"
    E_BIKE = "e_bike"
    OTHER = "other"
    UNKNOWN = "unknown"


class BodyType(StrEnum):
    """Body types of cars; other classes use `BodyType.OTHER` and `category_label`."""

    SMALL_CAR = "small_car"
    SALOON = "saloon"
    ESTATE = "estate"
    CONVERTIBLE = "convertible"
    COUPE = "coupe"
    OFF_ROAD = "off_road"
    MPV = "mpv"
    OTHER = "other"


class Fuel(StrEnum):
    PETROL = "petrol"
    DIESEL = "diesel"
    LPG = "lpg"
    CNG = "cng"
    ELECTRIC = "electric"
    HYBRID_PETROL = "hybrid_petrol"
    HYBRID_DIESEL = "hybrid_diesel"
    HYDROGEN = "hydrogen"
    ETHANOL = "ethanol"
    OTHER = "other"


ELECTRIC_FUELS = frozenset({Fuel.ELECTRIC, Fuel.HYBRID_PETROL, Fuel.HYBRID_DIESEL, Fuel.HYDROGEN})


class HybridKind(StrEnum):
    NONE = "none"
    MILD = "mild"
    FULL = "full"
    PLUG_IN = "plug_in"


class Gearbox(StrEnum):
    MANUAL = "manual"
    SEMI_AUTOMATIC = "semi_automatic"
    AUTOMATIC = "automatic"


class Drive(StrEnum):
    FRONT = "front"
    REAR = "rear"
    ALL_WHEEL = "all_wheel"


class Taxation(StrEnum):
    """VAT_DEDUCTIBLE: VAT is shown. MARGIN_SCHEME: § 25a UStG, VAT is not shown."""

    VAT_DEDUCTIBLE = "vat_deductible"
    MARGIN_SCHEME = "margin_scheme"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_enum_values=False)


class Prices(_Part):
    """All in EUR, gross."""

    selling: Money | None = None
    promo: Money | None = None
    dealer: Money | None = None
    msrp: Money | None = None
    on_request: bool = False
    taxation: Taxation | None = None
    vat_rate: Annotated[Decimal, Field(ge=0, le=100)] = Decimal("19")


class ConsumptionByPhase(_Part):
    """Fuel in l/100 km (kg/100 km for gas), power in kWh/100 km (WLTP)."""

    combined: Consumption | None = None
    city: Consumption | None = None
    suburban: Consumption | None = None
    rural: Consumption | None = None
    highway: Consumption | None = None


class Energy(_Part):
    """WLTP values for the energy label (EnVKV). CO₂ in g/km, ranges in km, costs in EUR."""

    fuel: ConsumptionByPhase = ConsumptionByPhase()
    power: ConsumptionByPhase = ConsumptionByPhase()
    weighted_fuel: Consumption | None = None
    weighted_power: Consumption | None = None
    discharged_fuel: Consumption | None = None
    co2: Emission | None = None
    co2_class: CO2Class | None = None
    co2_discharged: Emission | None = None
    co2_class_discharged: CO2Class | None = None
    electric_range: Whole | None = None
    energy_costs_per_year: Money | None = None
    co2_costs_low: Money | None = None
    co2_costs_medium: Money | None = None
    co2_costs_high: Money | None = None
    vehicle_tax_per_year: Money | None = None


class Battery(_Part):
    """Capacity in kWh, charging times in minutes, rental price in EUR per month."""

    capacity: Consumption | None = None
    ownership: Annotated[str, Field(pattern="^(included|rented|excluded)$")] | None = None
    rental_price: Money | None = None
    charging_time: Whole | None = None
    quick_charging_time: Whole | None = None
    range_city: Whole | None = None
    plug_types: Lines = ()
    warranty: bool | None = None
    certificate: bool | None = None


class Financing(_Part):
    """A financing example. Rates in percent, amounts in EUR, duration in months."""

    bank: LongName = ""
    monthly_rate: Money
    duration: Whole
    down_payment: Money = Decimal(0)
    final_rate: Money = Decimal(0)
    nominal_interest: Annotated[Decimal, Field(ge=0, le=100)]
    effective_interest: Annotated[Decimal, Field(ge=0, le=100)]
    net_credit: Money
    total_amount: Money | None = None


class Leasing(_Part):
    """A leasing example. Amounts in EUR, duration in months, mileage in km per year."""

    bank: LongName = ""
    monthly_rate: Money
    duration: Whole
    down_payment: Money = Decimal(0)
    mileage_per_year: Whole
    target: Annotated[str, Field(pattern="^(private|business|both)$")] = "private"


class Equipment(_Part):
    """`features` are search criteria: codes of `equipment.py`. The others are free lines."""

    features: Annotated[frozenset[Name], Field(max_length=MOST_LINES)] = frozenset()
    standard: Lines = ()
    optional: Lines = ()
    other: Lines = ()

    @field_serializer("features", when_used="json")
    def _in_order(self, features: frozenset[str]) -> list[str]:
        """A set has another order in each process: the same facts would be stored, and logged, as others."""
        return sorted(features)


class UnreadFact(_Part):
    """What was written for a fact and not understood: `path` as in `prices.selling`, `text` as it came."""

    path: LongName
    text: Title


class VehicleData(_Part):
    """Everything a dealer knows of a vehicle. `None` means: no statement."""

    offer_number: Annotated[str, Field(min_length=1, max_length=40, pattern=ONE_LINE)]
    vin: Annotated[str, Field(max_length=17, pattern=NO_CONTROL)] = ""
    hsn: Annotated[str, Field(max_length=4, pattern=NO_CONTROL)] = ""
    tsn: Annotated[str, Field(max_length=3, pattern=NO_CONTROL)] = ""
    type_certificate: Annotated[str, Field(max_length=6, pattern=r"^([A-Za-z0-9]{6})?$")] = ""
    """Of the Swiss registration (Typenschein)."""
    kind: Kind = Kind.USED
    vehicle_class: VehicleClass = VehicleClass.CAR
    body_type: BodyType | None = None
    category_label: LongName = ""
    make: Name = ""
    model: Name = ""
    model_description: Title = ""
    trim_line: Name = ""
    model_range: Name = ""
    first_registration: Month | None = None
    registration_year: Annotated[int, Field(ge=1800, le=2199)] | None = None
    """Where only the year of the first registration is known."""
    construction_year: Annotated[int, Field(ge=1886, le=2100)] | None = None
    mileage: Whole | None = None
    power: Annotated[int, Field(ge=1, le=9999)] | None = None
    """kW"""
    displacement: Annotated[int, Field(ge=1, le=99999)] | None = None
    """cm³"""
    cylinders: Annotated[int, Field(ge=1, le=24)] | None = None
    gears: Annotated[int, Field(ge=1, le=24)] | None = None
    fuel: Fuel | None = None
    hybrid: HybridKind = HybridKind.NONE
    gearbox: Gearbox | None = None
    drive: Drive | None = None
    doors: Annotated[int, Field(ge=1, le=9)] | None = None
    seats: Annotated[int, Field(ge=1, le=255)] | None = None
    tank_volume: Whole | None = None
    weight: Whole | None = None
    trailer_load_braked: Whole | None = None
    trailer_load_unbraked: Whole | None = None
    payload: Whole | None = None
    """kg"""
    belted_seats: Annotated[int, Field(ge=1, le=255)] | None = None
    """Of motor homes, which have seats that are none on the road."""
    standing_height: Whole | None = None
    """cm"""
    colour: Word = ""
    colour_name: Annotated[str, Field(max_length=80, pattern=NO_CONTROL)] = ""
    metallic: bool | None = None
    matt: bool | None = None
    interior_colour: Word = ""
    interior_type: Word = ""
    emission_class: Annotated[str, Field(max_length=20, pattern=NO_CONTROL)] = ""
    """As labelled in Germany, e.g. `Euro 6d-TEMP`."""
    emission_sticker: Annotated[str, Field(pattern="^(|none|red|yellow|green)$")] = ""
    particulate_filter: bool | None = None
    inspection_due: Month | None = None
    """HU (general inspection)."""
    inspection_new: bool | None = None
    service_new: bool | None = None
    last_maintenance: Month | None = None
    previous_owners: Annotated[int, Field(ge=0, le=99)] | None = None
    damaged: bool | None = None
    """Has unrepaired damage."""
    accident: bool | None = None
    roadworthy: bool | None = None
    warranty: bool | None = None
    non_smoker: bool | None = None
    service_history: bool | None = None
    country_version: Annotated[str, Field(max_length=2, pattern="^([A-Z]{2})?$")] = ""
    prices: Prices = Prices()
    energy: Energy = Energy()
    battery: Battery = Battery()
    financing: tuple[Financing | None, Financing | None] = (None, None)
    leasing: Leasing | None = None
    equipment: Equipment = Equipment()
    highlights: Lines = ()
    description: Annotated[str, Field(max_length=20_000, pattern=NO_CONTROL)] = ""
    trade_in: bool = False
    reserved: bool = False
    sold: bool = False
    stock_date: date | None = None
    contact: LongName = ""
    confirmed: Annotated[tuple[LongName, ...], Field(max_length=MOST_MARKS)] = ()
    """Doubtful values that somebody confirmed, `prices.selling=49.90`: another value is asked about anew."""
    unread: Annotated[tuple[UnreadFact, ...], Field(max_length=MOST_MARKS)] = ()

    @property
    def title(self) -> str:
        return " ".join(part for part in (self.make, self.model, self.model_description) if part)
