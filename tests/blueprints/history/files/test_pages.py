"""The pages of a file app: its runs, the vehicles behind the numbers, the file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient

from portal.models.runs import Run
from tests.conftest import as_htmx, count_queries
from tests.exports.stock_files.conftest import FileStage

QUERIES_OF_THE_HISTORY, QUERIES_OF_A_RUN = 8, 9


def history(stage: FileStage) -> str:
    return f"/apps/{stage.activation.id}"


def run_url(stage: FileStage) -> str:
    return f"/apps/{stage.activation.id}/runs/{stage.last().id}"


def queries_of(client: FlaskClient, *urls: str) -> list[int]:
    counts = []
    for url in urls:
        with count_queries() as statements:
            assert client.get(url).status_code == 200
        counts.append(len(statements))
    return counts


def test_the_history_shows_each_run_with_its_numbers(stage: FileStage, alice: FlaskClient) -> None:
    stage.vehicles(3)
    stage.vehicle(vin="")
    stage.vehicle(make="")
    run = stage.run()
    page = alice.get(history(stage)).text
    link = f"/apps/{stage.activation.id}/runs/{run.id}"
    for result, number in (("accepted", 3), ("hinted", 1), ("left_out", 1)):
        assert f'href="{link}?result={result}"' in page
        assert f"</svg>{number}</span>" in page.partition(f"?result={result}")[2][:400]
    assert f'href="{link}/file"' in page
    assert "teilweise" in page


def test_a_number_opens_the_vehicles_behind_it(stage: FileStage, alice: FlaskClient) -> None:
    good, incomplete = stage.vehicle(), stage.vehicle(make="")
    run = stage.run()
    link = f"/apps/{stage.activation.id}/runs/{run.id}"
    whole, left_out = alice.get(link).text, alice.get(f"{link}?result=left_out").text
    assert good.offer_number in whole
    assert incomplete.offer_number not in whole
    assert incomplete.offer_number in left_out
    assert "Die Marke fehlt." in left_out
    assert good.offer_number not in left_out


def test_the_file_is_downloaded_as_it_was_sent(stage: FileStage, alice: FlaskClient) -> None:
    stage.vehicles(2)
    run = stage.run()
    answer = alice.get(f"/apps/{stage.activation.id}/runs/{run.id}/file")
    assert answer.data == stage.file(run)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Length"] == str(len(answer.data))


def test_the_list_of_vehicles_runs_no_formula(stage: FileStage, alice: FlaskClient) -> None:
    stage.vehicle(offer_number="=1+1")
    run = stage.run()
    answer = alice.get(f"/apps/{stage.activation.id}/runs/{run.id}/vehicles.csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 2
    assert rows[1][:2] == ["'=1+1", "'=1+1"]
    assert rows[1][3] == "in der Datei"


def test_a_held_file_is_shown_with_the_lock_and_as_a_candidate(stage: FileStage, alice: FlaskClient) -> None:
    vehicles = stage.vehicles(20)
    stage.run()
    stage.take_offline(*vehicles[:8])
    held = stage.run()
    page = alice.get(history(stage)).text
    assert "Übertragung gesperrt" in page
    assert "zurückgehalten" in page
    assert "nicht veröffentlicht" in page
    assert vehicles[0].offer_number in page
    candidate = alice.get(f"/apps/{stage.activation.id}/runs/{held.id}/file")
    assert len(candidate.data) < len(stage.file())


def test_older_runs_are_out_of_the_period(stage: FileStage, alice: FlaskClient) -> None:
    for days in (1, 4):
        at = datetime.now(UTC) - timedelta(days=days)
        stage.build._add(
            Run(activation_id=stage.activation.id, kind="file", state="done", created_at=at, sent_at=at)
        )
    assert alice.get(history(stage)).text.count('data-label="Zustand"') == 2
    assert alice.get(f"{history(stage)}?period=48").text.count('data-label="Zustand"') == 1
    assert "gab es keinen Durchgang" in alice.get(f"{history(stage)}?period=24").text


def test_several_numbers_can_be_seen_together(stage: FileStage, alice: FlaskClient) -> None:
    stage.vehicle()
    stage.run()
    other = FileStage.__new__(FileStage)
    other.__dict__ |= stage.__dict__
    other.activation = stage.build.activation(stage.dealer, app="paper", customer_number="4711002")
    stage.build.release(stage.build.vehicle(stage.dealer), other.activation)
    other.run()
    assert alice.get(history(stage)).text.count('data-label="Zustand"') == 1
    together = alice.get(f"{history(stage)}?customer=all").text
    assert together.count('data-label="Zustand"') == 2
    assert together.count('data-label="Händlernummer"') == 2


def test_the_table_looks_again_while_a_run_is_open(stage: FileStage, alice: FlaskClient) -> None:
    stage.vehicle()
    stage.ask()
    fragment = alice.get(history(stage), headers=as_htmx()).text
    assert "every 2s" in fragment
    assert "<html" not in fragment
    stage.work()
    then = alice.get(history(stage), headers=as_htmx()).text
    assert "every 2s" not in then
    assert "every 15s" in then, "the next run begins by itself"


def test_pages_have_a_fixed_number_of_queries(stage: FileStage, alice: FlaskClient) -> None:
    for _ in range(2):
        stage.vehicles(3)
        stage.run()
    few = queries_of(alice, history(stage), run_url(stage))
    stage.vehicles(4)
    for _ in range(4):
        stage.run()
    many = queries_of(alice, history(stage), run_url(stage))
    assert few == many == [QUERIES_OF_THE_HISTORY, QUERIES_OF_A_RUN]


def test_the_tab_of_an_api_app_lists_its_runs(stage: FileStage, alice: FlaskClient) -> None:
    api = stage.build.activation(stage.dealer, customer_number="4711009")
    counts = {"confirmed": 12, "drifted": 2}
    stage.build._add(Run(activation_id=api.id, kind="check", state="done", counts=counts))
    stage.build._add(Run(activation_id=api.id, kind="full", state="failed", message="Alle warten."))
    page = alice.get(f"/apps/{api.id}/runs").text
    for text in ("Bestandsprüfung", "12 bestätigt, 2 abweichend", "Komplettübertragung", "Alle warten."):
        assert text in page
    assert alice.get(f"/apps/{stage.activation.id}/runs").headers["Location"] == history(stage)
