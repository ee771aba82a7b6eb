from __future__ import annotations

from tests.sandbox.conftest import Box, golf


def page(sandbox: Box, path: str) -> str:
    answer = sandbox.http.get(path)
    assert answer.status_code == 200
    return answer.text


def test_all_sellers_are_on_the_first_page_with_their_number_of_listings(sandbox: Box) -> None:
    sandbox.created()
    text = page(sandbox, "/")
    assert "Autohaus Sonnenschein GmbH &amp; Co. KG" in text
    assert "Sandbox" in text
    assert '<td class="right">1</td>' in text


def test_a_seller_s_listings_show_picture_title_price_and_facts(sandbox: Box) -> None:
    ref = sandbox.uploaded()
    ad_id = sandbox.created(golf(images=[{"ref": ref}], reserved=True, mobileFeatures=["EYE_CATCHER"]))
    text = page(sandbox, "/haendler/1000471")
    for part in (f"/bilder/{ref}.jpg", f"id={ad_id}", "VW Golf", "12.990 €", "EZ 05/2018 · 50.000 km"):
        assert part in text
    assert "92 kW (125 PS)" in text
    assert "Reserviert" in text
    assert "Blickfänger" in text


def test_a_seller_without_listings_says_so(sandbox: Box) -> None:
    assert "keine Inserate" in page(sandbox, "/haendler/1000472")
    assert sandbox.http.get("/haendler/999").status_code == 404


def test_a_listing_shows_everything_there_is(sandbox: Box) -> None:
    red, blue = sandbox.uploaded("red"), sandbox.uploaded("blue")
    ad_id = sandbox.created(
        golf(
            images=[{"ref": red}, {"ref": blue}],
            price={"consumerPriceGross": "12990.50", "currency": "EUR", "type": "FIXED", "vatRate": "19.00"},
            exteriorColor="GREY",
            parkingAssistants=["REAR_SENSORS"],
            climatisation="AUTOMATIC_CLIMATISATION",
            navigationSystem=True,
            abs=False,
            highlights=["1. Hand"],
            emissions={"combined": {"co2": 121, "co2Class": "D"}},
            consumptions={"fuel": {"combined": 5.3}},
        )
    )
    text = page(sandbox, f"/fahrzeuge/details.html?id={ad_id}")
    for part in (red, blue, "12.990,50 €", "19 % MwSt.", "Grau", "Klimaautomatik", "Navigationssystem"):
        assert part in text
    for part in (
        "Einparkhilfe: Hinten",
        "1. Hand",
        "121 g/km",
        "5,3 l/100 km",
        "1.395 cm³",
        "Schaltgetriebe",
        "Autohaus Muster GmbH",
    ):
        assert part in text
    assert "<li>ABS</li>" not in text


def test_the_description_is_text_with_line_breaks_never_html(sandbox: Box) -> None:
    ad_id = sandbox.created(golf(description="Eins\\\\<script>x</script>\\\\**fett**\n* Punkt"))
    text = page(sandbox, f"/fahrzeuge/details.html?id={ad_id}")
    assert "Eins<br>&lt;script&gt;x&lt;/script&gt;<br><strong>fett</strong><br>• Punkt" in text


def test_a_price_on_request_is_called_so(sandbox: Box) -> None:
    ad_id = sandbox.created(golf(price={"currency": "EUR", "type": "ON_REQUEST"}))
    assert "Preis auf Anfrage" in page(sandbox, f"/fahrzeuge/details.html?id={ad_id}")


def test_a_deleted_listing_says_that_it_is_gone(sandbox: Box) -> None:
    ad_id = sandbox.created()
    sandbox.delete(ad_id)
    answer = sandbox.http.get("/fahrzeuge/details.html", params={"id": ad_id})
    assert answer.status_code == 410
    assert "gelöscht" in answer.text


def test_a_listing_that_never_was_is_404(sandbox: Box) -> None:
    for ad_id in ("1", "", "x", "9" * 30, "²"):
        answer = sandbox.http.get("/fahrzeuge/details.html", params={"id": ad_id})
        assert answer.status_code == 404
        assert "Nicht gefunden" in answer.text


def test_pages_are_sent_with_a_strict_policy_and_obey_it(sandbox: Box) -> None:
    ad_id = sandbox.created(golf(description="Text"))
    for path in ("/", "/haendler/1000471", f"/fahrzeuge/details.html?id={ad_id}", "/mails", "/nothing"):
        answer = sandbox.http.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "<script" not in answer.text
        assert "style=" not in answer.text


def test_stylesheet_and_icon_are_there(sandbox: Box) -> None:
    for file in ("sandbox.css", "icon.svg"):
        assert sandbox.http.get(f"/static/{file}").status_code == 200


def test_an_unknown_picture_is_404(sandbox: Box) -> None:
    assert sandbox.http.get(f"/bilder/{'0' * 24}.jpg").status_code == 404
    assert sandbox.http.get("/bilder/x.jpg").status_code == 404
