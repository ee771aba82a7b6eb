"""The page: who sees it, what it shows, as page and as fragment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.exports.history.pages import first_id
from portal.models import Activation, Dealer, Location, Vehicle
from tests.blueprints.history.conftest import Send
from tests.builders import Build
from tests.conftest import as_htmx, count_queries

Login = Callable[..., FlaskClient]
SCRIPT = "<script>alert(1)</script>"


def address(activation: Activation, **query: object) -> str:
    return f"/apps/{activation.id}?" + "&".join(f"{name}={value}" for name, value in query.items())


def ids_in(text: str) -> list[str]:
    return [part[:36] for part in text.split('<tbody id="t-')[1:]]


def test_the_defaults_are_a_day_twenty_rows_and_only_what_is_not_ok(
    alice: FlaskClient, activation: Activation, send: Send
) -> None:
    bad = [send(hours / 10, state="rejected") for hours in range(1, 26)]
    send(1, state="ok")
    send(25, state="rejected")
    answer = alice.get(address(activation))
    assert ids_in(answer.text) == [str(row.id) for row in bad[:20]]
    assert "25 von 26 Übertragungen, aufbewahrt bis zu 5 Tage" in answer.text


def test_no_url_reaches_beyond_five_days(alice: FlaskClient, activation: Activation, send: Send) -> None:
    old, inside = send(121, state="failed"), send(119, state="failed")
    for period in ("120", "240", "99999", "all"):
        text = alice.get(address(activation, period=period, result="all")).text
        assert str(old.id) not in text
    assert str(inside.id) in alice.get(address(activation, period=120, result="all")).text
    before = first_id(datetime.now(UTC) - timedelta(hours=120.5))
    assert ids_in(alice.get(address(activation, period=120, before=before)).text) == []


def test_the_number_of_queries_does_not_depend_on_rows(
    alice: FlaskClient, activation: Activation, build: Build, dealer: Dealer, send: Send
) -> None:
    send(state="failed")
    alice.get(address(activation))
    with count_queries() as few:
        alice.get(address(activation, rows=100, result="all"))
    for hours in range(1, 60):
        send(hours / 10, state=("failed", "ok")[hours % 2], vehicle=build.vehicle(dealer))
    with count_queries() as many:
        alice.get(address(activation, rows=100, result="all"))
    assert len(many) == len(few)
    assert len(many) <= 8


def test_whatever_is_chosen_the_table_alone_asks_at_most_eight_statements(
    alice: FlaskClient, activation: Activation, build: Build, dealer: Dealer, send: Send
) -> None:
    rows = [send(hours / 10, state="rejected", vehicle=build.vehicle(dealer)) for hours in range(1, 50)]
    middle, newest = rows[25].id, rows[0].id
    chosen: tuple[dict[str, object], ...] = (
        {"search": "A"},
        {"run": middle, "search": "A", "result": "all"},
        {"location": "HH", "action": "update", "trigger": "change", "period": 120},
        {"before": middle},
        {"after": middle},
        {"refresh": 1, "seen": newest, "open": middle},
        {"refresh": 1, "seen": middle, "open": rows[30].id, "search": "A"},
    )
    for query in chosen:
        with count_queries() as sent:
            assert alice.get(address(activation, **query), headers=as_htmx()).status_code == 200
        assert len(sent) <= 8, query


def test_a_fragment_is_the_table_alone_and_names_its_url(
    alice: FlaskClient, activation: Activation, send: Send
) -> None:
    send(state="rejected")
    answer = alice.get(address(activation, result="all", period=24), headers=as_htmx())
    assert answer.text.lstrip().startswith("<section")
    assert answer.headers["HX-Push-Url"] == f"/apps/{activation.id}?result=all"
    assert "HX-Request" in answer.headers["Vary"]


def test_a_history_restore_gets_the_whole_page(alice: FlaskClient, activation: Activation) -> None:
    restored = as_htmx(**{"HX-History-Restore-Request": "true"})
    assert "<html" in alice.get(address(activation), headers=restored).text


def test_open_rows_look_again_and_soon_only_while_they_are_open(
    alice: FlaskClient, activation: Activation, send: Send, session: Session
) -> None:
    row = send(0, state="sending", finished_at=None)
    first = alice.get(address(activation, result="all", search="A"))
    assert 'hx-trigger="every 2s, live"' in first.text
    assert "refresh=1" in first.text
    row.state = "ok"
    session.commit()
    then = alice.get(address(activation, result="all", search="A", refresh=1), headers=as_htmx())
    assert "every 2s" not in then.text
    assert "every 30s" in then.text, "what comes next is not missed either"
    assert "HX-Push-Url" not in then.headers


def test_rows_that_have_to_wait_are_looked_at_rarely(
    alice: FlaskClient, activation: Activation, send: Send
) -> None:
    send(0, state="waiting", finished_at=None, not_before=datetime.now(UTC) + timedelta(minutes=9))
    text = alice.get(address(activation)).text
    assert "every 30s" in text
    assert "nächster Versuch" in text


def test_what_a_lock_holds_back_is_a_state_of_its_own(
    alice: FlaskClient, activation: Activation, build: Build, dealer: Dealer, send: Send
) -> None:
    kept = send(0, state="waiting", held=True, finished_at=None, not_before=datetime.now(UTC))
    waits = send(0, state="waiting", finished_at=None, vehicle=build.vehicle(dealer))
    page = alice.get(address(activation)).text
    assert ids_in(page) == [str(waits.id), str(kept.id)]
    assert "every 2s" in page
    page = alice.get(address(activation, result="held")).text
    assert ids_in(page) == [str(kept.id)]
    assert "every 30s" in page
    assert "state-orange" in page
    assert 'title="Wegen Sperre nicht gesendet."' in page
    assert "nächster Versuch" not in page
    assert ids_in(alice.get(address(activation, result="waiting")).text) == [str(waits.id)]
    lines = alice.get(f"/apps/{activation.id}/history.csv?result=held").text.splitlines()
    assert [line.count(';"zurückgehalten";') for line in lines] == [0, 1]
    single = alice.get(f"/apps/{activation.id}/history/{kept.id}").text
    assert "Wegen Sperre nicht gesendet." in single


def test_an_opened_row_stays_open_when_the_table_looks_again(
    alice: FlaskClient, activation: Activation, send: Send
) -> None:
    row = send(state="rejected")
    text = alice.get(address(activation, refresh=1, open=row.id), headers=as_htmx()).text
    assert f'id="d-{row.id}"' in text
    assert 'name="open"' in text


def test_paging_leads_through_the_links(alice: FlaskClient, activation: Activation, send: Send) -> None:
    rows = [str(send(hours / 10, state="failed").id) for hours in range(1, 31)]
    first = alice.get(address(activation)).text
    assert ids_in(first) == rows[:20]
    older = unescape(first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0])
    send(0, state="failed")
    second = alice.get(older).text
    assert ids_in(second) == rows[20:]
    assert 'rel="next"' not in second
    assert 'rel="prev"' in second


def test_texts_of_a_platform_are_data(
    alice: FlaskClient, activation: Activation, build: Build, dealer: Dealer, send: Send
) -> None:
    car = build.vehicle(dealer, make=SCRIPT, offer_number="<b>")
    feedback = [{"code": "x", "text": SCRIPT, "field": SCRIPT, "platform_text": SCRIPT, "who": "dealer"}]
    attempts = [
        {
            "at": "2026-11-24T10:00:00+00:00",
            "outcome": SCRIPT,
            "detail": SCRIPT,
            "not_before": None,
            "exchanges": [
                {"method": "PUT", "path": SCRIPT, "status": 400, "milliseconds": 1, "error": SCRIPT}
            ],
        }
    ]
    changes = [{"field": "x", "label": SCRIPT, "old": SCRIPT, "new": SCRIPT}]
    row = send(
        state="rejected",
        vehicle=car,
        feedback=feedback,
        attempts=attempts,
        changes=changes,
        bookings=[SCRIPT],
    )
    table = alice.get(address(activation, search="%3Cb%3E")).text
    page = alice.get(f"/apps/{activation.id}/history/{row.id}").text
    for text in (table, page):
        assert SCRIPT not in text
        assert "&lt;script&gt;" in text


def test_an_unfinished_transfer_has_no_link_to_a_listing(
    alice: FlaskClient, activation: Activation, send: Send
) -> None:
    send(state="rejected", action="create")
    assert "Inserat ansehen" not in alice.get(address(activation)).text
    send(state="warning", url="http://localhost/inserat/1")
    assert 'href="http://localhost/inserat/1"' in alice.get(address(activation)).text


def test_filters_for_several_numbers_and_locations_appear_when_there_are_several(
    alice: FlaskClient, activation: Activation, build: Build, dealer: Dealer, session: Session, send: Send
) -> None:
    alone = alice.get(address(activation)).text
    assert 'name="customer"' not in alone
    assert 'name="location"' not in alone
    other = build.activation(dealer, customer_number="4712")
    session.add(Location(dealer_id=dealer.id, code="KI", name="Kiel"))
    session.commit()
    here, there = send(state="failed"), send(state="failed", activation=other)
    text = alice.get(address(activation)).text
    assert 'name="customer"' in text
    assert 'name="location"' in text
    assert ids_in(text) == [str(here.id)]
    assert ids_in(alice.get(address(activation, customer="4712")).text) == [str(there.id)]
    both = alice.get(address(activation, customer="all")).text
    assert ids_in(both) == [str(there.id), str(here.id)]
    assert ids_in(alice.get(address(activation, location="KI")).text) == []
    assert ids_in(alice.get(address(activation, location="HH")).text) == [str(here.id)]


# What an empty table says


def test_nothing_sent(alice: FlaskClient, activation: Activation) -> None:
    text = alice.get(address(activation)).text
    assert "In den letzten 24 Stunden gab es keine Übertragung" in text
    assert "period=120" in text


def test_all_was_well(alice: FlaskClient, activation: Activation, send: Send) -> None:
    for hours in range(1, 6):
        send(hours)
    text = alice.get(address(activation)).text
    assert "In den letzten 24 Stunden kam jede Übertragung an (5)." in text
    assert f'href="/apps/{activation.id}?result=all"' in text


def test_the_filter_hides_them(alice: FlaskClient, activation: Activation, send: Send) -> None:
    send()
    text = alice.get(address(activation, result="failed", action="delete")).text
    assert "Keine der 1 Übertragungen passt zu diesen Filtern" in text
    assert f'href="/apps/{activation.id}"' in text


def test_no_such_vehicle(alice: FlaskClient, activation: Activation, send: Send) -> None:
    send()
    assert "Kein Fahrzeug mit „XYZ“ in Nummer oder FIN" in alice.get(address(activation, search="XYZ")).text


# Who may see it


def test_a_colleague_sees_it_a_stranger_finds_nothing_support_has_no_dealer(
    activation: Activation, build: Build, dealer: Dealer, login: Login, client: FlaskClient, send: Send
) -> None:
    row = send(state="rejected")
    addresses = (
        f"/apps/{activation.id}",
        f"/apps/{activation.id}/history.csv",
        f"/apps/{activation.id}/history/{row.id}",
    )
    bob, charlie, sam = login(build.bob(dealer)), login(build.charlie()), login(build.sam())
    for url in addresses:
        assert bob.get(url).status_code == 200
        assert charlie.get(url).status_code == 404
        assert sam.get(url).status_code == 403
        assert client.get(url).status_code in (302, 303)


def test_a_row_of_another_activation_is_not_found_here(
    alice: FlaskClient, activation: Activation, build: Build, dealer: Dealer, vehicle: Vehicle, send: Send
) -> None:
    other = build.activation(dealer, customer_number="4712")
    row = send(activation=other)
    assert alice.get(f"/apps/{activation.id}/history/{row.id}").status_code == 404


def test_a_refresh_keeps_the_rows_that_were_seen_and_tells_how_many_came(
    alice: FlaskClient, build: Build, alices: Dealer
) -> None:
    activation, car = build.activation(alices), build.vehicle(alices)
    seen = [build.transfer(car, activation, state="rejected", action="update") for _ in range(3)][-1]
    address = f"/apps/{activation.id}?refresh=1&seen={seen.id}"
    assert "neue Übertragung" not in alice.get(address, headers=as_htmx()).text
    for _ in range(2):
        late = build.transfer(car, activation, state="rejected", action="update")
    told = alice.get(address, headers=as_htmx()).text
    assert "2 neue Übertragungen" in told
    assert str(seen.id) in told
    assert str(late.id) not in told
    build.transfer(car, activation, state="ok", action="update")
    assert "2 neue Übertragungen" in alice.get(address, headers=as_htmx()).text
    whole = alice.get(f"/apps/{activation.id}", headers=as_htmx()).text
    assert "neue Übertragung" not in whole
    assert str(late.id) in whole
    assert alice.get(f"/apps/{activation.id}?refresh=1&seen=nonsense", headers=as_htmx()).status_code == 200


def test_a_refresh_whose_rows_are_all_gone_shows_the_newest(
    alice: FlaskClient, build: Build, alices: Dealer
) -> None:
    activation, car = build.activation(alices), build.vehicle(alices)
    seen = build.transfer(car, activation, state="rejected", action="update")
    late = build.transfer(car, activation, state="rejected", action="update")
    seen.state = "ok"
    build.session.commit()
    page = alice.get(f"/apps/{activation.id}?refresh=1&seen={seen.id}", headers=as_htmx()).text
    assert str(late.id) in page
    assert "neue Übertragung" not in page
