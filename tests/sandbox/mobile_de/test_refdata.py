from __future__ import annotations

from urllib.parse import quote

import pytest

from portal.sandbox.mobile_de.refdata import Refdata
from tests.sandbox.conftest import Box

LISTS = (
    *("airbags", "batteries", "climatisations", "colors", "conditions", "countryversion", "doorcounts"),
    *("daytimerunninglamps", "drivetypes", "emissionclasses", "emissionstickers", "fuels", "gearboxes"),
    *("headlighttypes", "interiorcolors", "interiortypes", "parkingassistants", "plugtypes", "pricerating"),
    *("pricetypes", "radiotypes", "slidingdoortypes", "speedcontrols", "trailercouplingtypes", "usagetypes"),
    *("classes", "classes/Car/makes", "classes/Car/categories", "classes/Car/features"),
    *("classes/Car/makes/VW/models", "sites/GERMANY/vatrates"),
)


def labels(sandbox: Box, path: str, language: str = "de") -> dict[str, str]:
    answer = sandbox.http.get(f"/refdata/{path}", headers={"Accept-Language": language})
    assert answer.status_code == 200, path
    return {value["name"]: value["description"] for value in answer.json()["values"]}


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_readable_without_login(sandbox: Box, path: str) -> None:
    assert labels(sandbox, path)


def test_labels_come_in_the_language_asked_for(sandbox: Box) -> None:
    assert labels(sandbox, "fuels")["PETROL"] == "Benzin"
    assert labels(sandbox, "fuels", "en-GB,en;q=0.9")["PETROL"] == "Petrol"
    assert labels(sandbox, "fuels", "fr")["PETROL"] == "Benzin"


def test_an_unknown_list_is_404(sandbox: Box) -> None:
    assert sandbox.http.get("/refdata/nothing").status_code == 404
    assert sandbox.http.get("/refdata/classes/Car/makes/vw/models").status_code == 404


def test_keys_and_labels_differ_where_they_do_at_the_platform(sandbox: Box) -> None:
    makes = labels(sandbox, "classes/Car/makes")
    assert makes["VW"] == "VW"
    assert makes["MERCEDES-BENZ"] == "Mercedes-Benz"
    assert makes["CITROEN"] == "Citroën"
    assert makes["SKODA"] == "Škoda"
    assert len(makes) > 90


def test_makes_lead_to_their_models(sandbox: Box) -> None:
    for value in sandbox.http.get("/refdata/classes/Car/makes").json()["values"]:
        models = sandbox.http.get(value["url"]).json()["values"]
        assert models[-1]["name"] == "OTHER", value["name"]


@pytest.mark.parametrize(
    ("vehicle_class", "make", "model"),
    [
        ("Car", "VW", "Golf"),
        ("Car", "BMW", "3er"),
        ("Car", "BMW", "320"),
        ("Car", "MERCEDES-BENZ", "C-Klasse"),
        ("Car", "MERCEDES-BENZ", "C 180"),
        ("Motorbike", "HARLEY-DAVIDSON", "Road King"),
        ("VanUpTo7500", "VW", "Crafter"),
        ("Motorhome", "KNAUS", "Sun I"),
        ("Car", "LYNK & CO", "01"),
    ],
)
def test_usual_models_are_known(sandbox: Box, vehicle_class: str, make: str, model: str) -> None:
    assert model in labels(sandbox, f"classes/{vehicle_class}/makes/{quote(make, safe='')}/models")


def test_no_list_names_a_key_twice() -> None:
    refdata = Refdata()
    for path in refdata.paths():
        values = refdata.values(path) or ()
        assert len({value.key for value in values}) == len(values), path
