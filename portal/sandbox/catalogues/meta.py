"""Meta's vehicle catalogue, and TikTok's, which is Meta's format under a few names of its own."""

from __future__ import annotations

from portal.sandbox.catalogues.catalogue import EUROS, URL, Catalogue, Column, PictureRules, one_of

BODIES = (
    *(
        "CONVERTIBLE",
        "COUPE",
        "CROSSOVER",
        "HATCHBACK",
        "MINIVAN",
        "SEDAN",
        "SMALL_CAR",
        "SUV",
        "TRUCK",
        "VAN",
    ),
    *("WAGON", "OTHER"),
)
MORE_BODIES = (
    *("ESTATE", "GRANDTOURER", "MINIBUS", "MPV", "PICKUP", "ROADSTER", "SALOON", "SPORTSCAR", "SUPERCAR"),
    *("SUPERMINI", "NONE"),
)
"""Of the operator's own client."""
DRIVES = ("4X2", "4X4", "AWD", "FWD", "RWD", "OTHER")
MORE_DRIVES = ("FOUR_WD", "TWO_WD", "NONE")
FUELS = ("DIESEL", "ELECTRIC", "FLEX", "GASOLINE", "HYBRID", "OTHER", "PETROL", "PLUGIN_HYBRID", "NONE")
STATES = ("New", "Used", "CPO")
COMMON = (
    Column("vehicle_id", required=True, longest=100),
    Column("title", required=True, longest=500),
    Column("description", required=True, longest=5000),
    Column("url", required=True, form=URL),
    Column("year", required=True, form=r"\d{4}"),
    Column("mileage.value", required=True, form=r"\d+"),
    Column("mileage.unit", required=True, form=one_of("KM", "MI")),
    Column("price", required=True, form=EUROS),
    Column("state_of_vehicle", required=True, form=one_of(*STATES)),
    Column("exterior_color", required=True),
)

META = Catalogue(
    slug="meta-catalog",
    name="Meta",
    separator=",",
    key="vehicle_id",
    shown=("title",),
    picture="image[0].url",
    page="url",
    columns=(
        *COMMON,
        Column("make", required=True),
        Column("model", required=True),
        Column("image[0].url", required=True, form=URL),
        *(Column(f"image[{place}].url", form=URL) for place in range(1, 20)),
        Column("body_style", required=True, form=one_of(*BODIES, *MORE_BODIES)),
        Column("vin", form=r"[A-Za-z0-9]{17}"),
        Column("transmission", form=one_of("AUTOMATIC", "MANUAL", "OTHER", "NONE")),
        Column("drivetrain", form=one_of(*DRIVES, *MORE_DRIVES)),
        Column("fuel_type", form=one_of(*FUELS)),
        Column(
            "availability", form=one_of("AVAILABLE", "NOT_AVAILABLE", "not available", "PENDING", "UNKNOWN")
        ),
        Column("trim", longest=50),
        Column("interior_color", longest=50),
    ),
    unique=("vehicle_id",),
    texts=("description",),
    pictures=PictureRules(most_bytes=4 * 1024 * 1024),
)

TIKTOK = Catalogue(
    slug="tiktok-automotive",
    name="TikTok",
    separator=",",
    key="vehicle_id",
    shown=("title",),
    picture="image_link",
    page="url",
    columns=(
        *COMMON,
        Column("make", required=True, longest=100),
        Column("model", required=True, longest=100),
        Column("image_link", required=True, form=URL),
        Column("body_style", required=True, form=one_of(*BODIES)),
        Column("vin", longest=17),
        Column("transmission", form=one_of("automatic", "manual")),
        Column("drivetrain", form=one_of(*DRIVES)),
    ),
    unique=("vehicle_id",),
    texts=("description",),
    pictures=PictureRules(smallest=(500, 500)),
)
