"""The page of the reconciliation: what it shows, what can be decided, who may, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from portal.models import Activation, Dealer, Publication, User, Vehicle
from portal.models.audit import AuditEvent
from portal.models.exports import ActivationState, RunKind, RunState
from portal.models.runs import Match, Run
from tests.builders import Build, fresh, golf
from tests.conftest import as_htmx, count_queries
from tests.words import undo_of

Login = Callable[[User], FlaskClient]
FACTS: dict[str, Any] = {
    "make": "VW",
    "model": "Golf",
    "first_registration": "2018-05",
    "mileage": 64_600,
    "price": "11990.00",
}


class Table:
    """An open reconciliation, put together row by row."""

    def __init__(self, build: Build, dealer: Dealer, number: str = "4711001") -> None:
        self.build, self.dealer = build, dealer
        self.activation: Activation = build.activation(
            dealer, state=ActivationState.RECONCILING, customer_number=number
        )
        self.run: Run = build._add(
            Run(activation_id=self.activation.id, kind=RunKind.RECONCILIATION, state=RunState.HELD)
        )
        self.url = f"/apps/{self.activation.id}/reconciliation"

    def vehicle(self, number: str, **facts: Any) -> Vehicle:
        vehicle = self.build.vehicle(self.dealer, offer_number=number, **facts)
        self.build.release(vehicle, self.activation)
        return vehicle

    def row(self, listing_id: str | None = None, **columns: Any) -> Match:
        plausible = {"title": f"VW Golf {listing_id}", "facts": FACTS} if listing_id else {}
        row = Match(
            run_id=self.run.id,
            activation_id=self.activation.id,
            listing_id=listing_id,
            **(plausible | columns),
        )
        self.build._add(row)
        return row

    def pair(self, number: str, listing_id: str, method: str = "number") -> Match:
        return self.row(listing_id, vehicle_id=self.vehicle(number).id, method=method)

    def suggestion(self, number: str, listing_id: str, distance: int = 100) -> Match:
        vehicle = self.vehicle(number)
        return self.row(listing_id, suggested_id=vehicle.id, method="alike", distance=distance)

    def now(self, row: Match) -> Match:
        found: Match = fresh(self.build.session, Match, row.id)
        return found

    def decision(self, vehicle: Vehicle) -> str | None:
        self.build.session.expire_all()
        rows = select(Match.decision).where(Match.vehicle_id == vehicle.id)
        return self.build.session.scalar(rows)


@pytest.fixture
def table(build: Build, alices: Dealer) -> Table:
    return Table(build, alices)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def foot(html: str) -> str:
    return plain(html.partition('class="form-foot')[2])


def act(client: FlaskClient, table: Table, tab: str, verb: str, *one: object, **form: Any) -> Any:
    """Press a button of the tab, by its row or for what is picked."""
    address = {"tab": tab} | ({"one": one} if one else {})
    return client.post(f"{table.url}/{verb}", query_string=address, data=form)


def test_the_tabs_count_each_side_and_the_foot_what_is_left(alice: FlaskClient, table: Table) -> None:
    table.pair("A1", "1")
    table.suggestion("A2", "2")
    for number in ("A3", "A4"):
        table.vehicle(number)
    for key in ("5", "6", "7"):
        table.row(key)
    page = alice.get(table.url).text
    for tab in ("Vorschläge 1", "Zugeordnet 1", "Nur hier 2", "Nur auf der Plattform 3"):
        assert tab in plain(page)
    assert "6 offen · 1 zugeordnet · 0 neu" in foot(page)


def test_a_suggestion_stands_side_by_side_with_what_differs_marked(alice: FlaskClient, table: Table) -> None:
    table.suggestion("A2", "2", distance=100)
    page = alice.get(table.url).text
    assert "der Kilometerstand weicht um 100 km ab" in page
    marked = re.findall(r'<strong class="text-danger">([^<]+)<', page)
    assert marked == ["64.500 km", "64.600 km", "12.990 €", "11.990 €"]


def test_a_pair_tells_why(alice: FlaskClient, table: Table) -> None:
    for number, method in enumerate(("listing", "number", "vin", "suggestion", "by_hand")):
        table.pair(f"A{number}", str(number), method)
    page = plain(alice.get(f"{table.url}?tab=matched").text)
    for reason in (
        "Von einer früheren Aktivierung bekannt",
        "Gleiche Nummer",
        "Gleiche FIN",
        "Vorschlag, bestätigt",
        "Von Hand zugeordnet",
    ):
        assert reason in page
    assert page.count("Trennen") == 4


def test_a_pair_whose_vehicle_has_left_is_told_before_its_listing_is_deleted(
    alice: FlaskClient, table: Table
) -> None:
    row = table.pair("A1", "1")
    fresh(table.build.session, Vehicle, row.vehicle_id or UUID(int=0)).online = False
    table.build.session.commit()
    assert "wird nach dem Abgleich gelöscht" in alice.get(f"{table.url}?tab=matched").text
    assert "Davon gehört 1 zu einem Fahrzeug" in alice.get(f"{table.url}/finish").text


def test_new_listings_are_told_with_what_they_cost(alice: FlaskClient, table: Table) -> None:
    table.vehicle("A1")
    page = alice.get(f"{table.url}?tab=here").text
    assert "Sie würden neu eingestellt" in page
    assert "mobile.de berechnet Inserate nach Paket" in page


def test_a_vehicle_that_is_not_released_is_pointed_out(
    alice: FlaskClient, table: Table, build: Build, alices: Dealer
) -> None:
    hidden = build.vehicle(alices, offer_number="A9")
    table.row("1", suggested_id=hidden.id, method="not_released")
    page = alice.get(f"{table.url}?tab=there").text
    assert "im Bestand, aber hier nicht freigegeben" in page
    assert f"/vehicles/{hidden.id}/publication" in page


@pytest.mark.parametrize(("verb", "told"), [("create", "1 neu"), ("withhold", "1 nicht veröffentlicht")])
def test_a_vehicle_is_decided_by_its_button(alice: FlaskClient, table: Table, verb: str, told: str) -> None:
    vehicle = table.vehicle("A1")
    answer = act(alice, table, "here", verb, vehicle.id)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{table.url}?tab=here")
    assert table.decision(vehicle) == verb
    assert told in foot(alice.get(table.url).text)
    act(alice, table, "here", "reopen", vehicle.id)
    assert table.decision(vehicle) == ""


def test_the_picked_ones_are_decided_together_and_all_that_are_open(alice: FlaskClient, table: Table) -> None:
    rows = [table.row(str(key)) for key in range(4)]
    act(alice, table, "there", "delete", id=[str(row.id) for row in rows[:2]])
    act(alice, table, "there", "keep", scope="all")
    assert [table.now(row).decision for row in rows] == ["delete", "delete", "keep", "keep"]
    page = foot(alice.get(table.url).text)
    assert "2 bleiben auf der Plattform · 2 werden dort gelöscht" in page


def test_all_of_a_search_are_only_those_that_it_finds(alice: FlaskClient, table: Table) -> None:
    golfs, other = [table.row(str(key)) for key in range(2)], table.row("9", title="BMW 320")
    alice.post(f"{table.url}/keep?tab=there&q=golf", data={"scope": "all"})
    assert [table.now(row).decision for row in (*golfs, other)] == ["keep", "keep", ""]


def test_suggestions_are_accepted_and_refused(alice: FlaskClient, table: Table) -> None:
    right, wrong = table.suggestion("A1", "1"), table.suggestion("A2", "2")
    vehicle_id = right.suggested_id
    act(alice, table, "suggested", "same", right.id)
    act(alice, table, "suggested", "different", wrong.id)
    assert (table.now(right).vehicle_id, table.now(right).method) == (vehicle_id, "suggestion")
    assert (table.now(wrong).vehicle_id, table.now(wrong).suggested_id) == (None, None)
    assert "2 offen · 1 zugeordnet" in foot(alice.get(table.url).text)


def test_pairing_by_selecting_one_on_each_side(alice: FlaskClient, table: Table) -> None:
    vehicle, row = table.vehicle("A1"), table.row("1")
    there = alice.get(f"{table.url}?tab=there").text
    assert f"tab=here&amp;for={row.id}" in there
    choice = alice.get(f"{table.url}?tab=here&for={row.id}").text
    assert "Welches Fahrzeug gehört zu Inserat 1?" in choice
    assert f"/reconciliation/pair?one={row.id}&amp;one={vehicle.id}&amp;" in choice
    answer = act(alice, table, "here", "pair", row.id, vehicle.id)
    assert answer.headers["Location"] == f"{table.url}?tab=there"
    assert (table.now(row).vehicle_id, table.now(row).method) == (vehicle.id, "by_hand")
    act(alice, table, "matched", "separate", row.id)
    assert table.now(row).vehicle_id is None
    assert "2 offen" in foot(alice.get(table.url).text)


def test_the_other_way_round_a_listing_is_chosen_for_a_vehicle(alice: FlaskClient, table: Table) -> None:
    vehicle, row = table.vehicle("A1"), table.row("1")
    choice = alice.get(f"{table.url}?tab=there&for={vehicle.id}").text
    assert "Welches Inserat gehört zu A1?" in choice
    assert f"/reconciliation/pair?one={row.id}&amp;one={vehicle.id}&amp;" in choice


def test_htmx_gets_the_part_alone_with_what_was_done(alice: FlaskClient, table: Table) -> None:
    vehicle = table.vehicle("A1")
    answer = alice.post(f"{table.url}/create?tab=here&one={vehicle.id}", headers=as_htmx())
    assert answer.text.lstrip().startswith('<div id="reconciliation">')
    assert "1 Eintrag geändert." in answer.text
    assert "0 neu" not in foot(answer.text)


@pytest.mark.parametrize(
    ("verb", "one", "form"),
    [
        ("create", (), {}),
        ("separate", (), {"scope": "all"}),
        ("reopen", (), {"scope": "all"}),
        ("pair", (), {"scope": "all"}),
        ("create", ("nothing",), {}),
        ("create", ("",), {}),
        ("pair", (UUID(int=1),), {}),
        ("pair", (UUID(int=1), UUID(int=2)), {}),
        ("same", (UUID(int=1),), {}),
        ("keep", (), {"id": [str(UUID(int=1)), "nonsense"]}),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    alice: FlaskClient, table: Table, verb: str, one: tuple[object, ...], form: dict[str, Any]
) -> None:
    table.vehicle("A1")
    table.pair("A2", "2")
    before = [(row.id, row.vehicle_id, row.decision) for row in table.build.session.scalars(select(Match))]
    assert act(alice, table, "here", verb, *one, **form).status_code == 303
    table.build.session.expire_all()
    after = [(row.id, row.vehicle_id, row.decision) for row in table.build.session.scalars(select(Match))]
    assert after == before
    assert act(alice, table, "here", "nonsense", scope="all").status_code == 404


def test_another_dealers_rows_cannot_be_touched(
    alice: FlaskClient, table: Table, build: Build, login: Login
) -> None:
    charlie = build.charlie()
    build.session.refresh(charlie)
    theirs = Table(build, charlie.dealer, "4711002")  # type: ignore[arg-type]
    row, vehicle = theirs.row("1"), theirs.vehicle("C1")
    for verb, one, picked in (
        ("delete", (), [str(row.id)]),
        ("create", (), [str(vehicle.id)]),
        ("pair", (row.id, vehicle.id), []),
    ):
        act(alice, table, "there", verb, *one, id=picked)
        assert act(alice, theirs, "there", verb, *one, id=picked).status_code == 404
    assert (theirs.now(row).decision, theirs.now(row).vehicle_id) == ("", None)
    assert theirs.decision(vehicle) is None


def test_finishing_is_refused_with_the_number_while_something_is_open(
    alice: FlaskClient, table: Table
) -> None:
    table.vehicle("A1")
    table.row("1")
    for ask in (alice.get, alice.post):
        answer = ask(f"{table.url}/finish")
        assert answer.status_code == 303
        assert "2 Einträge sind noch offen" in alice.get(answer.headers["Location"]).text
    assert fresh(table.build.session, Run, table.run.id).state == RunState.HELD


def ready(table: Table) -> tuple[Vehicle, Vehicle]:
    """Everything is decided: one pair, one new, one withheld, one that stays."""
    table.pair("A1", "1")
    new, withheld = table.vehicle("A2"), table.vehicle("A3")
    table.row(vehicle_id=new.id, decision="create")
    table.row(vehicle_id=withheld.id, decision="withhold")
    table.row("4", decision="keep")
    return new, withheld


def shown(page: str) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', page)
    assert found
    return found[1]


def test_finishing_names_its_numbers_and_happens_once(alice: FlaskClient, table: Table) -> None:
    new, withheld = ready(table)
    page = alice.get(f"{table.url}/finish").text
    for line in (
        "1 Inserat wird übernommen",
        "1 Fahrzeug wird neu eingestellt",
        "Bei 1 Fahrzeug wird die Freigabe",
        "1 Inserat bleibt auf der Plattform",
        "Abschließen: 1 neu",
        "können Kosten verursachen",
    ):
        assert line in plain(page)
    first, second = (alice.post(f"{table.url}/finish", data={"shown": shown(page)}) for _ in range(2))
    assert first.headers["Location"] == f"/apps/{table.activation.id}"
    assert second.headers["Location"] == table.url
    session = table.build.session
    assert fresh(session, Activation, table.activation.id).state == ActivationState.ACTIVE
    there = session.scalars(select(Publication.vehicle_id).where(Publication.released)).all()
    assert new.id in there
    assert withheld.id not in there
    event = session.scalars(select(AuditEvent)).one()
    assert (event.what, event.actor) == ("reconciliation.finished", "Alice")


def test_what_is_called_new_leaves_out_what_preflight_keeps_back(alice: FlaskClient, table: Table) -> None:
    ready(table)
    blocked = table.vehicle("A8")
    table.row(vehicle_id=blocked.id, decision="create")
    publication = select(Publication).where(Publication.vehicle_id == blocked.id)
    problem = {"code": "make-missing", "text": "Marke fehlt.", "field": "make"}
    table.build.session.scalars(publication).one().problems = [problem]
    table.build.session.commit()
    page = plain(alice.get(f"{table.url}/finish").text)
    for line in ("1 Fahrzeug wird neu eingestellt", "1 Fahrzeug wird nicht gesendet", "Abschließen: 1 neu"):
        assert line in page
    assert "1 neu · 1 blockiert" in foot(alice.get(table.url).text)


def test_what_has_changed_since_it_was_shown_is_shown_again(alice: FlaskClient, table: Table) -> None:
    ready(table)
    page = alice.get(f"{table.url}/finish").text
    table.row(vehicle_id=table.vehicle("A7").id, decision="create")
    answer = alice.post(f"{table.url}/finish", data={"shown": shown(page)})
    assert answer.status_code == 409
    assert "Inzwischen hat sich etwas geändert" in answer.text
    assert "2 Fahrzeuge werden neu eingestellt" in answer.text


def test_afterwards_it_can_be_read_and_not_changed(alice: FlaskClient, table: Table) -> None:
    new, _ = ready(table)
    page = alice.get(f"{table.url}/finish").text
    alice.post(f"{table.url}/finish", data={"shown": shown(page)})
    for tab in ("matched", "here", "there"):
        html = alice.get(f"{table.url}?tab={tab}").text
        assert "Abgeschlossen am" in html
        assert "form-foot" not in html
        assert "/reconciliation/create" not in html
    act(alice, table, "here", "withhold", new.id)
    assert table.decision(new) == "create"


def test_who_may_not_activate_apps_may_only_look(
    table: Table, build: Build, alices: Dealer, login: Login
) -> None:
    row = table.row("1")
    bob = login(build.bob(alices))
    page = bob.get(f"{table.url}?tab=there").text
    assert "Entscheiden kann, wer Apps aktivieren darf" in page
    assert "/reconciliation/create" not in page
    assert act(bob, table, "there", "keep", row.id).status_code == 403
    for part in ("finish", "read"):
        assert bob.post(f"{table.url}/{part}").status_code == 403
    assert table.now(row).decision == ""


def test_the_list_is_read_again_on_demand(alice: FlaskClient, table: Table) -> None:
    table.row("1")
    assert alice.post(f"{table.url}/read").status_code == 303
    assert fresh(table.build.session, Run, table.run.id).state == RunState.WAITING
    assert "Die Liste der Plattform wird gelesen" in alice.get(table.url).text


def test_who_finishes_what_a_worker_has_to_conclude_is_not_told_that_it_is_over(
    alice: FlaskClient, table: Table
) -> None:
    table.row("1", decision="delete")
    shown = re.search(r'name="shown" value="([^"]+)"', alice.get(f"{table.url}/finish").text)
    assert shown
    answer = alice.post(f"{table.url}/finish", data={"shown": shown[1]}, follow_redirects=True)
    assert "der Abgleich wird jetzt abgeschlossen." in answer.text


def test_without_a_reconciliation_the_page_says_so(alice: FlaskClient, build: Build, alices: Dealer) -> None:
    active = build.activation(alices)
    assert "noch kein Bestand abgeglichen" in alice.get(f"/apps/{active.id}/reconciliation").text


def test_a_list_that_was_not_whole_is_told_with_its_next_attempt(alice: FlaskClient, table: Table) -> None:
    run = fresh(table.build.session, Run, table.run.id)
    run.state, run.message = RunState.WAITING, "Die Bestandsliste von mobile.de ist unvollständig"
    run.not_before = datetime.now(UTC) + timedelta(minutes=10)
    table.build.session.commit()
    for url in (table.url, f"/apps/{table.activation.id}"):
        page = plain(alice.get(url).text)
        assert "Die Bestandsliste von mobile.de ist unvollständig" in page
        assert "nächster versuch in" in page.lower()


@pytest.mark.parametrize(
    ("came", "told"), [(1, "stand dort ein Inserat, das"), (1_200, "standen dort 1.200 Inserate, die")]
)
def test_why_it_is_open_once_more_is_told(alice: FlaskClient, table: Table, came: int, told: str) -> None:
    run = fresh(table.build.session, Run, table.run.id)
    run.counts = {"came": came}
    table.build.session.commit()
    page = plain(alice.get(table.url).text)
    assert told in page
    assert "schließen Sie den Abgleich dann ab." in page


def test_the_panel_looks_again_while_a_worker_is_at_it_and_reloads_when_it_is_done(
    alice: FlaskClient, table: Table
) -> None:
    run = fresh(table.build.session, Run, table.run.id)
    run.state = RunState.WAITING
    table.build.session.commit()
    assert 'hx-trigger="every 1s"' in alice.get(f"/apps/{table.activation.id}").text
    panel = alice.get(f"{table.url}/panel", headers=as_htmx())
    assert 'hx-trigger="every 1s"' in panel.text
    assert "HX-Refresh" not in panel.headers
    run.state = RunState.HELD
    table.build.session.commit()
    assert alice.get(f"{table.url}/panel", headers=as_htmx()).headers["HX-Refresh"] == "true"
    page = alice.get(f"/apps/{table.activation.id}").text
    assert "Bestandsabgleich offen" in page
    assert "Bestand abgleichen" in page


@pytest.mark.parametrize("state", [RunState.WAITING, RunState.RUNNING])
def test_the_page_itself_looks_again_while_a_worker_is_at_it(
    alice: FlaskClient, table: Table, state: RunState
) -> None:
    run = fresh(table.build.session, Run, table.run.id)
    polls = f'hx-get="{table.url}/panel" hx-trigger="every 1s"'
    assert polls not in alice.get(table.url).text
    run.state = state
    table.build.session.commit()
    assert polls in alice.get(table.url).text
    run.not_before = datetime.now(UTC) + timedelta(minutes=10)
    table.build.session.commit()
    assert polls not in alice.get(table.url).text


def test_the_apps_and_the_overview_lead_to_it(alice: FlaskClient, table: Table) -> None:
    for url in ("/apps", "/"):
        assert table.url in alice.get(url).text


def test_the_activation_form_says_that_the_stock_is_matched_first(alice: FlaskClient, table: Table) -> None:
    assert "zuerst mit dem der Plattform abgeglichen" in alice.get("/appstore/mobile-de/activate").text


def test_pages_lead_on_by_key_and_back(alice: FlaskClient, table: Table) -> None:
    table.build.session.add_all(
        Match(
            run_id=table.run.id,
            activation_id=table.activation.id,
            listing_id=str(key),
            title=f"Wagen {key:03}",
            facts=FACTS,
        )
        for key in range(120)
    )
    table.build.session.commit()
    seen: list[str] = []
    url = f"{table.url}?tab=there"
    pages = 0
    while url:
        page = alice.get(url).text
        seen += re.findall(r"Wagen (\d{3})", page)
        pages += 1
        forward = re.search(r'href="([^"]+)" rel="next"', page)
        back = re.search(r'href="([^"]+)" rel="prev"', page)
        assert bool(back) is (pages > 1)
        url = forward[1].replace("&amp;", "&") if forward else ""
    assert pages == 3
    assert len(seen) == len(set(seen)) == 120
    assert back
    before = alice.get(back[1].replace("&amp;", "&")).text
    assert re.findall(r"Wagen (\d{3})", before) == seen[50:100]


@pytest.mark.parametrize("tab", ["suggested", "matched", "here", "there"])
def test_the_number_of_queries_does_not_grow_with_the_stocks(
    alice: FlaskClient, table: Table, tab: str
) -> None:
    counts = []
    for number in range(3):
        key = number * 10
        table.pair(f"P{key}", f"{key}")
        table.suggestion(f"S{key}", f"{key + 1}")
        table.vehicle(f"H{key}")
        table.row(f"{key + 2}")
        with count_queries() as queries:
            assert alice.get(f"{table.url}?tab={tab}").status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 11


def test_an_open_reconciliation_costs_three_queries_more_on_every_page_of_its_app(
    alice: FlaskClient, table: Table
) -> None:
    address, counts = f"/apps/{table.activation.id}", []
    for state in (ActivationState.RECONCILING, ActivationState.ACTIVE):
        table.activation.state = state
        table.build.session.commit()
        with count_queries() as queries:
            assert alice.get(address).status_code == 200
        counts.append(len(queries))
    assert counts == [11, 8]


def test_two_thousand_on_each_side_are_one_page_of_fifty(alice: FlaskClient, table: Table) -> None:
    session = table.build.session
    vehicles = []
    for number in range(2_000):
        vehicle = Vehicle(dealer_id=table.dealer.id, location_id=table.dealer.locations[0].id, online=True)
        vehicle.set_facts(golf(offer_number=f"N{number}"))
        vehicles.append(vehicle)
    session.add_all(vehicles)
    session.flush()
    session.add_all(
        Publication(vehicle_id=one.id, activation_id=table.activation.id, released=True) for one in vehicles
    )
    session.add_all(
        Match(run_id=table.run.id, activation_id=table.activation.id, listing_id=str(key), facts=FACTS)
        for key in range(2_000)
    )
    session.commit()
    session.execute(text("ANALYZE"))  # as after a large import, and after a large list was read
    session.commit()
    page = alice.get(f"{table.url}?tab=here").text
    assert page.count("data-pick ") == 50
    assert "4.000 offen" in foot(page)
    with count_queries() as queries:
        act(alice, table, "here", "create", scope="all")
        act(alice, table, "there", "keep", scope="all")
    assert len(queries) < 30
    assert "0 zugeordnet · 2.000 neu · 2.000 bleiben auf der Plattform" in foot(alice.get(table.url).text)


# A pair that was just made is taken apart.


def test_a_confirmed_suggestion_is_one_again(alice: FlaskClient, table: Table) -> None:
    row = table.suggestion("A2", "2")
    page = alice.post(f"{table.url}/same?tab=suggested&one={row.id}", headers=as_htmx()).text
    assert table.now(row).method == "suggestion"
    undo = undo_of(page)
    answer = alice.post(f"{table.url}/restore", data=undo)
    assert "Die Zuordnung ist zurückgenommen." in alice.get(answer.location).text
    now = table.now(row)
    assert (now.vehicle_id, now.method, now.distance) == (None, "alike", 100)
    again = alice.post(f"{table.url}/restore", data=undo)
    assert "nicht mehr rückgängig" in alice.get(again.location).text
    assert "Vorschläge 1" in plain(alice.get(table.url).text)


def test_a_pair_made_by_hand_leaves_both_as_they_were_decided(alice: FlaskClient, table: Table) -> None:
    vehicle, row = table.vehicle("A1"), table.row("1", decision="keep")
    table.row(vehicle_id=vehicle.id, decision="withhold")
    answer = act(alice, table, "there", "pair", row.id, vehicle.id)
    undo = undo_of(alice.get(answer.location).text)
    assert table.now(row).vehicle_id == vehicle.id
    alice.post(f"{table.url}/restore", data=undo)
    assert (table.now(row).vehicle_id, table.now(row).decision) == (None, "keep")
    assert table.decision(vehicle) == "withhold"


def test_a_pair_that_somebody_has_parted_since_stays_parted(alice: FlaskClient, table: Table) -> None:
    row = table.suggestion("A2", "2")
    answer = act(alice, table, "suggested", "same", row.id)
    undo = undo_of(alice.get(answer.location).text)
    act(alice, table, "matched", "separate", row.id)
    answer = alice.post(f"{table.url}/restore", data=undo)
    assert "nicht mehr rückgängig" in alice.get(answer.location).text
    assert table.now(row).method == ""


def test_after_the_end_no_pair_is_taken_apart(alice: FlaskClient, table: Table) -> None:
    row = table.suggestion("A2", "2")
    answer = act(alice, table, "suggested", "same", row.id)
    undo = undo_of(alice.get(answer.location).text)
    table.run.state = RunState.RUNNING
    table.build.session.commit()
    alice.post(f"{table.url}/restore", data=undo)
    assert table.now(row).vehicle_id is not None


def test_many_pairs_at_once_are_made_without_an_offer(alice: FlaskClient, table: Table) -> None:
    for number in range(11):
        table.suggestion(f"A{number}", str(number))
    answer = act(alice, table, "suggested", "same", scope="all")
    page = alice.get(answer.location).text
    assert "11 Einträge geändert." in page
    assert 'name="undo"' not in page
