"""No page asks the database more than a few statements, however much there is; whichever does is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from portal.models import Activation, Dealer, User
from portal.models.exports import TransferState
from tests.blueprints.support.conftest import open_support_session
from tests.builders import Build
from tests.conftest import count_queries
from tests.test_url_map import calls, objects_of

Login = Callable[[User], FlaskClient]
MOST = 8
MORE = {
    "account.my_data": (16, "every table that knows somebody"),
    "settings.user_data": (19, "the same of a colleague"),
}
"""Statements of an endpoint, and what for. An open lock or an open reconciliation adds three to the pages of
its app (`blueprints/locks/test_panel.py`, `blueprints/reconciliation/test_page.py`)."""
RECORD = 1
"""An agent's request is written down."""
FEEDBACK = [{"code": "x", "field": "make", "text": "Die Marke fehlt.", "who": "dealer"}]


def allowed(page: str) -> int:
    return MORE.get(page, (MOST, ""))[0]


def statements_of_pages(app: Flask, client: FlaskClient, values: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Of every page that answers."""
    for call in calls(app):
        if call.method != "GET":
            continue
        with count_queries() as sent:
            answer = call.send(client, app, values)
            assert answer.data is not None, "a file is sent while it is read"
        if answer.status_code == 200:
            yield call.rule.endpoint, len(sent)


def get_busy(build: Build, dealer: Dealer, values: dict[str, Any]) -> None:
    """More of everything: at new locations, and at the app and the vehicle that are looked at."""
    for code in ("KI", "FL", "SL"):
        objects_of(build, dealer, build.location(dealer, code))
    activation = build.session.get_one(Activation, values["activation_id"])
    with build.at_once():
        for _ in range(5):
            refused, sent = build.vehicle(dealer), build.vehicle(dealer)
            build.release(refused, activation)
            build.not_taken(refused, activation, *FEEDBACK)
            build.release(sent, activation)
            build.figures(build.listing(sent, activation))
            for state in TransferState:
                build.transfer(sent, activation, state=state, feedback=FEEDBACK)


def test_every_page_asks_few_statements_and_no_more_of_them_where_there_is_more(
    app: Flask, build: Build, alices: Dealer, login: Login
) -> None:
    values, alice = objects_of(build, alices), login(build.alice(alices))
    few = dict(statements_of_pages(app, alice, values))
    get_busy(build, alices, values)
    many = dict(statements_of_pages(app, alice, values))
    assert len(many) > 60
    assert not {page: sent for page, sent in many.items() if sent > allowed(page)}
    assert not {page: (few[page], sent) for page, sent in many.items() if sent > few[page]}
    assert not {page for page in MORE if many[page] <= MOST}, "needs no exception any more"


def test_a_support_session_costs_no_statement_but_its_record(
    app: Flask, build: Build, alices: Dealer, login: Login
) -> None:
    values, sam = objects_of(build, alices), login(build.sam())
    open_support_session(sam, alices)
    found = dict(statements_of_pages(app, sam, values))
    assert {"history.page", "vehicles.edit", "support.page"} <= found.keys()
    assert not {page: sent for page, sent in found.items() if sent > allowed(page) + RECORD}
