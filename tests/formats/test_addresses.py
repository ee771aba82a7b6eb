"""Addresses with umlauts leave as machines take them, and as browsers make them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.formats.addresses import ascii_email, ascii_host, ascii_url

HOSTS = {
    "ftp.autohaus-müller.de": "ftp.xn--autohaus-mller-psb.de",
    "FTP.Autohaus-MÜLLER.de": "ftp.xn--autohaus-mller-psb.de",
    "autohaus-mu\u0308ller.de": "xn--autohaus-mller-psb.de",
    "straße.de": "xn--strae-oqa.de",
    "xn--autohaus-mller-psb.de": "xn--autohaus-mller-psb.de",
    "upload.beispiel.de": "upload.beispiel.de",
    "upload.beispiel.de.": "upload.beispiel.de",
    "server": "server",
    "192.0.2.7": "192.0.2.7",
    "2001:DB8::1": "2001:db8::1",
}


@pytest.mark.parametrize("typed", HOSTS)
def test_a_server_is_named_in_ascii(typed: str) -> None:
    assert ascii_host(typed) == HOSTS[typed]


@pytest.mark.parametrize(
    "typed",
    [
        *("", ".", ".de", "a..de", "-a.de", "a-.de", "a b.de", "ftp://a.de", "a.de/b", "a_b.de", "a@b.de"),
        *("xn--\u00fc.de", "xn--999999999.de", f"{'a' * 64}.de", f"{'a.' * 130}de", "a\r\nb.de", "a:21"),
    ],
)
def test_what_is_no_server_is_none(typed: str) -> None:
    assert ascii_host(typed) is None


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("bestand@autohaus-müller.de", "bestand@xn--autohaus-mller-psb.de"),
        ("Bestand+x@Beispiel.de", "Bestand+x@beispiel.de"),
        ("a@b.xn--vermgensberatung-pwb", "a@b.xn--vermgensberatung-pwb"),
    ],
)
def test_a_recipient_has_an_ascii_domain(typed: str, sent: str) -> None:
    assert ascii_email(typed) == sent


@pytest.mark.parametrize(
    "typed",
    [
        *("", "a", "a@", "@b.de", "a@b", "a@192.0.2.7", "a@2001:db8::1", "müller@b.de", "a..b@c.de"),
        *(".a@b.de", "a.@b.de", "a@b.de\r\nBcc: x@y.de", "<a@b.de>", "a@b@c.de", "a b@c.de", "a@c.1"),
        *(f"{'a' * 65}@b.de", f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 20}.de"),
    ],
)
def test_what_could_be_more_than_one_recipient_is_none(typed: str) -> None:
    assert ascii_email(typed) is None


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("https://www.autohaus-müller.de/a", "https://www.xn--autohaus-mller-psb.de/a"),
        ("https://a.de/gebraucht/Größe?q=ü#ä", "https://a.de/gebraucht/Gr%C3%B6%C3%9Fe?q=%C3%BC#%C3%A4"),
        ("https://a.de/100%/%C3%BC", "https://a.de/100%25/%C3%BC"),
        ("HTTPS://A.de:8443?x=1", "https://a.de:8443?x=1"),
        ("https://a.de", "https://a.de"),
    ],
)
def test_a_web_address_is_encoded_once(typed: str, sent: str) -> None:
    assert ascii_url(typed) == sent
    assert ascii_url(sent) == sent


@pytest.mark.parametrize(
    "typed",
    [
        *("", "a.de", "ftp://a.de/", "https://", "https:///a", "https://a.de/a b", "https://a.de/<b>"),
        *(
            "https://user:x@a.de/",
            "https://a..de/",
            "https://a.de:0/",
            "https://a.de:65536/",
            "https://a.de\\b",
        ),
    ],
)
def test_what_is_no_web_address_is_none(typed: str) -> None:
    assert ascii_url(typed) is None


def test_the_names_of_a_template_stay() -> None:
    typed = "https://autohaus-müller.de/öl/{number}?v={vin}"
    assert ascii_url(typed, kept="{}") == "https://xn--autohaus-mller-psb.de/%C3%B6l/{number}?v={vin}"


@given(st.text(max_size=40))
def test_what_leaves_is_ascii_and_stays_what_it_is(text: str) -> None:
    for convert, typed in (
        (ascii_host, text),
        (ascii_host, f"{text}.de"),
        (ascii_email, f"a@{text}.de"),
        (ascii_url, f"https://a.de/{text}"),
        (ascii_url, f"https://{text}.de/"),
    ):
        if found := convert(typed):
            assert found.isascii()
            assert convert(found) == found
