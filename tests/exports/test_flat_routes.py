"""What a route asks grows no faster than the stock; what is about one vehicle does not grow at all, nor does
anything of a dealer beside another one who is large. Whatever PostgreSQL believes of the tables.

Every route of a dealer is called with a small stock and with a large one around it; each statement is
explained with what it touches (`large_stock.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.blueprints.api.keys import OFFERED, make_key
from portal.extensions import db
from portal.models import Transfer, User, Vehicle
from portal.platforms import read_environment
from tests.builders import Build
from tests.conftest import Work
from tests.exports.flatness import BEFORE, EMPTIED, NEVER, grown, nobody_analyses, steep
from tests.exports.large_stock import Effort, LargeStock, effort_of
from tests.marketplace import Marketplace
from tests.test_url_map import calls, objects_of

pytestmark = pytest.mark.usefixtures(nobody_analyses.__name__)
KINDS = ("pages", "rows")
SIZES = [int(size) for size in os.environ.get("FLAT_SIZES", "600,2400").split(",")]
ABOUT_ONE = {"vehicle_id", "transfer_id"}
"""Parameters of routes that are about one vehicle."""

Asked = tuple[str, str, str]
"""Method, endpoint, and what was named."""
APART, AMONG, BESIDE = "of a large dealer", "in the middle of a large stock", "of another dealer"

COUNTED_AMONG_ALL = {"overview.page", "activations.page", "activations.progress_fragment"}
"""While one large app is all that PostgreSQL knows, what is released of a small one is counted like it."""


class Routes:
    def __init__(self, app: Flask, stock: LargeStock, build: Build, login: Any) -> None:
        """Everything has been sent before."""
        stock.past()
        self.app, self.build, self.login, self.stock = app, build, login, stock
        self.number = f"F{stock.vehicles // 2}"
        middle = (Vehicle.dealer_id == stock.dealer.id, Vehicle.offer_number == self.number)
        vehicle = stock.session.scalars(select(Vehicle.id).where(*middle)).one()
        transfer = stock.session.scalars(select(Transfer.id).filter_by(vehicle_id=vehicle)).one()
        self.among = {"vehicle_id": vehicle, "transfer_id": transfer, "activation_id": stock.activation.id}
        self.alice = build.alice(stock.dealer)
        with app.app_context():
            self.engines = (db.engine, stock.runtime.engine)

    def efforts(self) -> Iterator[tuple[Asked, Effort]]:
        place = self.build.location(self.stock.dealer, "KI")
        apart, charlie = objects_of(self.build, self.stock.dealer, place), self.build.charlie()
        wanted = {
            APART: (self.alice, apart),
            AMONG: (self.alice, apart | self.among),
            BESIDE: (charlie, objects_of(self.build, charlie.dealer)),
        }
        for what, (user, values) in wanted.items():
            client = self.login(user)
            for call in calls(self.app, "dealer:"):
                as_apart = what == AMONG and not self.among.keys() & call.rule.arguments
                if not as_apart:
                    with effort_of(*self.engines) as effort:
                        call.send(client, self.app, values)
                    yield (call.method, call.rule.endpoint, what), effort

    def program_of(self, user: User) -> FlaskClient:
        _key, plain = make_key(self.build.session, user, "Werkstatt", OFFERED)
        self.build.session.commit()
        program = self.app.test_client()
        program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {plain}"
        return program

    def effort_of_others(self) -> Effort:
        program = self.program_of(self.build.charlie())
        with effort_of(*self.engines) as effort:
            for address in ("vehicles", "transfers", "transfers?state=failed", "transfers?app=mobile-de"):
                assert program.get(f"/api/v1/{address}").status_code == 200
        return effort

    def effort_of_one_vehicle(self) -> Effort:
        program = self.program_of(self.alice)
        code = self.stock.dealer.locations[0].code
        here, change = f"/api/v1/vehicles/{code}/{self.number}", {"location": code, "price": 19_999}
        with effort_of(*self.engines) as effort:
            known = program.get(here)
            done = (
                known,
                program.post("/api/v1/vehicles", json={"vehicles": [known.json | change]}),
                program.get(f"{here}/images"),
                program.get(f"/api/v1/transfers?offer_number={self.number}"),
                program.delete(here),
            )
        assert [answer.status_code for answer in done] == [200, 200, 200, 200, 204]
        return effort


@pytest.fixture(params=[NEVER, BEFORE, EMPTIED])
def analysed(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def both(
    analysed: str, build: Build, at_work: Work, login: Any, app: Flask, marketplace: Marketplace
) -> Iterator[Routes]:
    """With a small stock, and with a large one."""

    def routes() -> Iterator[Routes]:
        for vehicles in SIZES:
            runtime = at_work(platforms=read_environment({}, marketplace.url))
            before = {"others_analysed": analysed == BEFORE, "nearly_emptied": analysed == EMPTIED}
            yield Routes(app, LargeStock(build, runtime, vehicles, **before), build, login)

    return routes()


def test_no_route_grows_faster_than_the_stock_and_none_about_one_vehicle_at_all(
    both: Iterator[Routes], app: Flask, analysed: str
) -> None:
    small, large = (dict(routes.efforts()) for routes in both)
    about_one = {call.rule.endpoint for call in calls(app) if ABOUT_ONE & call.rule.arguments}
    counted = COUNTED_AMONG_ALL if analysed == EMPTIED else set()
    dearer: dict[str, list[Asked]] = {}
    for asked in large:
        _method, endpoint, what = asked
        few, many = small[asked], large[asked]
        flat = (what == BESIDE and endpoint not in counted) or endpoint in about_one
        for one in grown(few, many, *KINDS) if flat else steep(SIZES[0], few, SIZES[1], many):
            dearer.setdefault(one, []).append(asked)
    assert not dearer, "\n\n".join(f"{asked}\n{one}" for one, asked in dearer.items())


@pytest.mark.parametrize("effort", [Routes.effort_of_one_vehicle, Routes.effort_of_others])
def test_a_program_asks_for_one_vehicle_and_for_its_own_as_where_there_are_few(
    both: Iterator[Routes], effort: Callable[[Routes], Effort]
) -> None:
    small, large = (effort(routes) for routes in both)
    dearer = list(grown(small, large, *KINDS))
    assert not dearer, "\n\n".join(dearer)
