"""Microsoft Advertising: its automotive listing inventory."""

from __future__ import annotations

from portal.sandbox.catalogues.catalogue import URL, Catalogue, Column, PictureRules, one_of

MICROSOFT = Catalogue(
    slug="microsoft-autos",
    name="Microsoft",
    separator="\t",
    key="Vehicle Id",
    shown=("Make", "Model", "Title"),
    picture="Image URL",
    page="Final URL",
    columns=(
        Column("Country", required=True, form="[A-Z]{2}|[A-Z][A-Za-z ]+"),
        Column("Final URL", required=True, form=URL),
        Column("Image URL", required=True, form=f"{URL}(?:;{URL})*", longest=2048),
        Column("Make", required=True),
        Column("Model", required=True),
        Column("Target campaign", required=True),
        Column("Price", form=r"\d+\.\d\d EUR"),
        Column("Mileage value", form=r"\d+"),
        Column("State of vehicle", form=one_of("new", "used", "cpo")),
    ),
    unique=("Vehicle Id",),
    pictures=PictureRules(smallest=(640, 360), largest=(1920, 1080)),
)
