from __future__ import annotations

import pytest

from tests.sandbox.conftest import Box, golf, keys


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("x" * 49, "field-too-long"),
        ("Golf Tel 0911 1234567", "modeldescription-contains-phone"),
        ("Golf +49 911 1234567", "modeldescription-contains-phone"),
        ("Golf info@example.org", "modeldescription-contains-email"),
        ("Golf www.example.org", "modeldescription-contains-url"),
        ("Golf https://example.org", "modeldescription-contains-url"),
        ("Golf autohaus-muster.de", "modeldescription-contains-url"),
    ],
)
def test_a_headline_that_is_too_long_or_holds_contacts_is_refused(sandbox: Box, text: str, key: str) -> None:
    answer = sandbox.create(golf(modelDescription=text))
    assert answer.status_code == 400
    assert keys(answer) == [key]


@pytest.mark.parametrize(
    "text",
    ["x" * 48, "Golf 1.4 TSI*Navi*1.Hand", "320d 184 PS 06/2018 120.000 km", "A4 2.0 TDI 8-fach bereift"],
)
def test_an_ordinary_headline_is_taken(sandbox: Box, text: str) -> None:
    assert sandbox.create(golf(modelDescription=text)).status_code == 201


def test_each_seller_has_its_own_limit_of_highlights(sandbox: Box) -> None:
    three = ["Navi", "Leder", "1. Hand"]
    assert sandbox.create(golf(highlights=three)).status_code == 201
    assert keys(sandbox.create(golf(highlights=[*three, "Neu"]))) == ["too-many-highlights"]
    assert sandbox.create(golf(highlights=[*three, "Neu"]), seller="1000472").status_code == 201
    assert keys(sandbox.create(golf(highlights=["Navi"]), seller="1000470")) == ["too-many-highlights"]
