"""The audit log: dealers read their own, agents all of it."""

from __future__ import annotations

import ast
import html
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.audit import Who
from portal.audit.reading import PAGE_SIZE
from portal.blueprints.audit.labels import ABOUTS, WHATS
from portal.exports.full_transfer.control import FullTransferReason
from portal.models import AuditEvent, Dealer, User
from portal.platforms import APPS
from tests.blueprints.support.conftest import open_support_session
from tests.builders import Build
from tests.conftest import count_queries
from tests.words import german

Login = Callable[[User], FlaskClient]
ROOT = Path(__file__).parents[3] / "portal"


def write(
    session: Session, dealer: Dealer, what: str = "lock.approved", label: str = "4711001", **more: object
) -> None:
    who = Who(name="Alice", address="192.0.2.7")
    audit.log(session, who, what, dealer_id=dealer.id, label=label, detail=more)
    session.commit()


@pytest.fixture
def browser(login: Login, alice: User) -> FlaskClient:
    return login(alice)


def test_amounts_and_numbers_are_written_as_people_write_them(
    browser: FlaskClient, session: Session, alices: Dealer
) -> None:
    changed = {"prices.selling": ["18890", "18790.00"], "mileage": ["64500", "64600"], "vehicles": 1204}
    write(session, alices, "vehicle.changed", **changed)
    page = browser.get("/settings/audit").text.replace("\N{NO-BREAK SPACE}", " ")
    for text in ("18.890 € → 18.790 €", "64.500 km → 64.600 km", "Fahrzeuge: 1.204"):
        assert text in page


def test_a_list_of_two_is_no_change(browser: FlaskClient, session: Session, alices: Dealer) -> None:
    write(session, alices, "api_key.created", rights=["view", "edit_vehicles"])
    write(session, alices, "user.rights_changed", rights=[["view"], ["view", "unlock"]])
    page = browser.get("/settings/audit").text
    assert page.count(" → ") == 1


def test_a_line_says_who_did_what_on_which_object_from_where(
    browser: FlaskClient, session: Session, alices: Dealer
) -> None:
    write(session, alices, deletions=8, lms_forward_to=["", "a@example.org"])
    page = browser.get("/settings/audit").text
    for text in ("Sperre aufgehoben", "4711001", "Alice", "192.0.2.7", "Löschungen: 8", "– → a@example.org"):
        assert text in page


def test_a_stop_is_told_in_words(browser: FlaskClient, session: Session, alices: Dealer) -> None:
    write(session, alices, "activation.stopped", cause="read_only", text="Das Konto ist gesperrt.")
    write(session, alices, "full_transfer.started", reason=str(FullTransferReason.NOT_REGISTERED))
    write(session, alices, "activation.resumed", cause="read_only", stopped_at="2026-11-24T13:05:00+00:00")
    page = browser.get("/settings/audit").text
    assert "Ursache: Der Zugang bei der Plattform ist nur zum Lesen freigegeben." in page
    assert "Meldung: Das Konto ist gesperrt." in page
    assert "angehalten seit: 24.11.2026 14:05" in page
    assert "Grund: Der Betreiber dieses Portals war bei der Plattform zeitweise nicht" in page
    assert "read_only" not in page
    assert "not_registered" not in page


def test_a_dealer_reads_only_his_own(browser: FlaskClient, session: Session, build: Build) -> None:
    write(session, build.dealer("Autohaus Charlie", code="CH"), label="Geheimnis")
    assert "Geheimnis" not in browser.get("/settings/audit").text
    assert "Geheimnis" not in browser.get("/settings/audit.csv").text


def test_agents_read_all_of_it(agent: FlaskClient, session: Session, build: Build, alices: Dealer) -> None:
    write(session, alices)
    write(session, build.dealer("Autohaus Charlie", code="CH"))
    page = agent.get("/support/audit").text
    assert "Autohaus Alice" in page
    assert "Autohaus Charlie" in page


def test_it_can_be_narrowed_and_downloaded_as_it_is_shown(
    browser: FlaskClient, session: Session, alices: Dealer
) -> None:
    write(session, alices)
    write(session, alices, "user.invited", label="=cmd()")
    for query, shown, hidden in (
        ("about=user", "Nutzer eingeladen", "Sperre aufgehoben"),
        ("q=4711001", "Sperre aufgehoben", "Nutzer eingeladen"),
    ):
        for page in (browser.get(f"/settings/audit?{query}"), browser.get(f"/settings/audit.csv?{query}")):
            rows = page.text.partition("</main>")[0].split("</form>")[-1]
            assert shown in rows
            assert hidden not in rows
    assert "'=cmd()" in browser.get("/settings/audit.csv").text


def test_it_is_paged_by_key_in_one_query(browser: FlaskClient, session: Session, alices: Dealer) -> None:
    for number in range(PAGE_SIZE + 5):
        write(session, alices, label=f"Nr-{number:03}")
    browser.get("/settings/audit")
    with count_queries() as statements:
        first = browser.get("/settings/audit").text
    assert sum("audit_event" in statement for statement in statements) == 1
    assert f"Nr-{PAGE_SIZE + 4:03}" in first
    assert "Nr-004" not in first
    older = first.split('<div class="card-footer"><a href="')[1].split('"')[0].replace("&amp;", "&")
    assert "Nr-004" in browser.get(older).text


@pytest.mark.parametrize("query", ["days=x", "days=99999999", "before=1", "about=%25", "q=%00"])
def test_nonsense_in_the_address_is_left_out(browser: FlaskClient, query: str) -> None:
    assert browser.get(f"/settings/audit?{query}").status_code == 200


def recorded() -> Iterator[str]:
    """What the code writes into the log: strings of this form that are handed to a function."""
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _writes(node.func):
                yield from (
                    arg.value
                    for arg in node.args
                    if isinstance(arg, ast.Constant)
                    and isinstance(arg.value, str)
                    and arg.value.partition(".")[0] in ABOUTS
                    and "." in arg.value
                )


def _writes(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in ("log", "log_at", "record", "_record", "log_action", "log_activation", "log_vehicle")


def test_everything_that_is_recorded_has_its_words() -> None:
    found = set(recorded())
    assert {"vehicle.published_anew", "lock.opened", "user.invited", "support.started"} <= found
    assert found <= WHATS.keys()


@pytest.mark.parametrize(
    "path", ["/settings/audit", "/settings/audit.csv", "/support/audit", "/support/audit.csv"]
)
def test_an_agent_reads_no_mail_address_in_it(
    agent: FlaskClient, browser: FlaskClient, session: Session, alices: Dealer, path: str
) -> None:
    """Neither as an old or new value nor as the name that somebody logs in with; the dealer does."""
    detail = {"email": ["bob@old.example", "bob@new.example"]}
    write(session, alices, "user.changed", label="bob@login.example", **detail)
    open_support_session(agent, alices)
    page = agent.get(path).text
    assert "Nutzer geändert" in page
    assert "•••@•••" in page
    assert ".example" not in page
    if path.startswith("/settings"):
        assert "bob@old.example → bob@new.example" in browser.get(path).text


def test_an_agent_reads_no_mail_address_in_his_own_visit(
    agent: FlaskClient, session: Session, alices: Dealer
) -> None:
    open_support_session(agent, alices)
    event = session.scalars(select(AuditEvent)).one()
    event.object_label = "bob@login.example"
    session.commit()
    page = agent.get(f"/settings/access/{event.support_session_id}").text
    assert "•••@•••" in page
    assert ".example" not in page


def test_a_setting_that_was_chosen_is_named_as_on_its_form(
    browser: FlaskClient, session: Session, alices: Dealer
) -> None:
    field = next(field for field in APPS["mobile-de"].fields if len(field.options) > 1)
    old, new = field.options[:2]
    write(session, alices, "activation.changed", **{field.name: [old.value, new.value]})
    page = html.unescape(browser.get("/settings/audit").text)
    assert f"{german(field.label)}: {german(old.label)} → {german(new.label)}" in page
