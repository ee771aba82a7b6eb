"""To whom a file goes by mail."""

from __future__ import annotations

import pytest

from portal.platforms import get_app
from portal.platforms.common.delivery_settings import MOST_RECIPIENTS, recipients, web_address_problem
from portal.platforms.contract.fields import validate
from tests.platforms.filled import filled
from tests.words import german


def problem(text: str) -> str:
    app = get_app("email")
    _clean, errors = validate(app.fields, filled(app) | {"customer_number": "4711", "recipients": text})
    return " ".join(german(error.text) for error in errors if error.name == "recipients")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@b.de", ("a@b.de",)),
        ("a@b.de, c@d.de", ("a@b.de", "c@d.de")),
        ("a@b.de;c@d.de  e@f.de,", ("a@b.de", "c@d.de", "e@f.de")),
        ("a@b.de, A@B.de, c@d.de", ("a@b.de", "c@d.de")),
        ("a@müller.de, a@xn--mller-kva.de", ("a@müller.de",)),
    ],
)
def test_several_are_taken_each_once(text: str, found: tuple[str, ...]) -> None:
    assert problem(text) == ""
    assert recipients(text) == found


@pytest.mark.parametrize(
    "wrong", ["nobody", "a@b", "a@b.de\nBcc: x@y.de", "müller@b.de", "a..b@c.de", "<a@b.de>"]
)
def test_what_is_no_address_is_named(wrong: str) -> None:
    assert problem(f"gut@beispiel.de, {wrong}")


def test_their_number_is_limited() -> None:
    addresses = [f"a{number}@b.de" for number in range(MOST_RECIPIENTS + 1)]
    assert problem(", ".join(addresses[:-1])) == ""
    assert str(MOST_RECIPIENTS) in problem(", ".join(addresses))
    assert problem(" , ;")


@pytest.mark.parametrize("host", ["ftp.autohaus-müller.de", "xn--mller-kva.de", "192.0.2.7", "2001:db8::1"])
def test_a_server_may_have_umlauts(host: str) -> None:
    app = get_app("generic")
    given = filled(app) | {"transport": "sftp", "host": host}
    assert [error.text for error in validate(app.fields, given)[1] if error.name == "host"] == []


@pytest.mark.parametrize("host", ["ftp://a.de", "a.de/bestand", "a b.de", "nutzer@a.de"])
def test_a_server_is_its_name_alone(host: str) -> None:
    app = get_app("generic")
    _clean, errors = validate(app.fields, filled(app) | {"transport": "sftp", "host": host})
    [told] = [error.text for error in errors if error.name == "host"]
    assert "Bitte nur den Namen des Servers angeben." in german(told)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://a.de/x", "beginnend mit https://"),
        ("https://nutzer:geheim@a.de/x", "Benutzername und Passwort"),
        ("https://a.de/mein bestand", "Leerzeichen"),
        ("https://-a.de/x", "Namen des Servers"),
        ("HTTPS://Autohaus-Müller.de/größe", ""),
    ],
)
def test_an_address_is_told_what_is_wrong_with_it(address: str, told: str) -> None:
    found = german(web_address_problem(address))
    assert told in found
    assert bool(found) == bool(told)


def test_umlauts_before_the_sign_are_named() -> None:
    assert "Vor dem @ sind keine Umlaute möglich" in problem("müller@autohaus-müller.de")
