"""A mixed stock at each of the three interfaces, behind a front that is stricter than the sandbox and says
the same in other words: nothing is lost, doubled or refused, and all of it is confirmed by the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select, update

from portal.exports.core.runtime import Runtime
from portal.exports.drift import control as drift
from portal.models import Activation, Publication, Run, Vehicle
from portal.models.exports import RunState, TransferState, Trigger
from portal.platforms import read_environment
from tests.builders import Build, fresh
from tests.conftest import Work
from tests.exports.conftest import Stage
from tests.exports.front import Front, running_front
from tests.marketplace import Marketplace
from tests.platforms.mobile_de import kinds
from tests.platforms.test_odd_vehicles import odd_vehicles

PLACES = {
    "mobile-de": ("MOBILE_DE_API_URL", "", "4711001", "1000471"),
    "autoscout24": ("AUTOSCOUT24_API_URL", "/autoscout24", "2142000471", "2142000471"),
    "autoscout24-ch": ("AUTOSCOUT24_CH_API_URL", "/autoscout24-ch", "4601", "4601"),
}
KINDS = (
    kinds.used_petrol,
    kinds.new_diesel,
    kinds.electric,
    kinds.plug_in,
    kinds.demonstrator,
    kinds.damaged,
    kinds.convertible,
    kinds.van,
    kinds.motorbike,
    kinds.motor_home,
    kinds.financed,
)


class Shop(Stage):
    """A dealer with a mixed stock at one of the three."""

    def __init__(self, slug: str, build: Build, runtime: Runtime, marketplace: Marketplace) -> None:
        _, _, number, key = PLACES[slug]
        settings = {"mobile_export": "none"} if slug == "autoscout24" else {}
        account = {"customer_number": number, "seller_key": key}
        super().__init__(build, runtime, app=slug, customer_number=number, settings=settings, account=account)
        self.slug, self.marketplace = slug, marketplace

    def stock(self) -> list[Vehicle]:
        whole = [kind().model_copy(update={"offer_number": f"K{n}"}) for n, kind in enumerate(KINDS)]
        vehicles = [self.vehicle(facts) for facts in (*whole, *odd_vehicles()[:21])]
        self.price("15900.00")
        return vehicles

    def price(self, amount: str) -> None:
        with self.runtime.sessions.begin() as session:
            here = Publication.activation_id == self.activation.id
            session.execute(update(Publication).where(here).values(price=amount))

    def online(self) -> Counter[str]:
        """Our keys of what buyers see, our numbers where the platform keeps no key."""
        if self.slug == "mobile-de":
            return Counter(list(self.marketplace.online()))
        url = f"{self.marketplace.url}/control/{self.slug}/listings"
        found = httpx.get(url, trust_env=False).json()["listings"]
        if self.slug == "autoscout24":
            return Counter(one["crossReferenceId"] for one in found if one["deletedAt"] is None)
        return Counter(one["externalId"] for one in found if one["status"] == "activated")

    def wanted(self, vehicles: list[Vehicle]) -> Counter[str]:
        """Those that are offered and that preflight did not keep back."""
        self.session.expire_all()
        here = select(Publication).where(Publication.activation_id == self.activation.id)
        kept_back = {row.vehicle_id for row in self.session.scalars(here) if row.problems}
        offered = (one for one in vehicles if one.online and not one.problems and one.id not in kept_back)
        return Counter(one.offer_number if self.slug == "mobile-de" else str(one.id) for one in offered)

    def check(self) -> Run:
        with self.runtime.sessions.begin() as session:
            activation = session.get_one(Activation, self.activation.id)
            run_id = drift.request_check(session, activation, None, Trigger.BY_HAND)
        self.drain_all()
        run: Run = fresh(self.session, Run, run_id)
        return run


@pytest.fixture
def front(marketplace: Marketplace) -> Iterator[Front]:
    with running_front(marketplace.url) as front:
        yield front


@pytest.fixture(params=list(PLACES))
def shop(
    request: pytest.FixtureRequest, build: Build, at_work: Work, marketplace: Marketplace, front: Front
) -> Shop:
    variable, path, _, _ = PLACES[request.param]
    runtime = at_work(platforms=read_environment({variable: front.url + path}, marketplace.url))
    return Shop(request.param, build, runtime, marketplace)


def test_a_mixed_stock_comes_changes_goes_and_comes_back(shop: Shop, front: Front) -> None:
    vehicles = shop.stock()
    shop.drain_all()
    assert shop.online() == shop.wanted(vehicles)
    assert len(shop.online()) > 15
    shop.price("14900.00")
    shop.note(*vehicles)
    shop.drain_all()
    leaving = vehicles[:2]
    for vehicle in leaving:
        shop.take_offline(vehicle)
    shop.drain_all()
    assert shop.online() == shop.wanted(vehicles)
    shop.put_online(leaving[0])
    shop.drain_all()
    assert shop.online() == shop.wanted(vehicles)
    run = shop.check()
    assert (run.state, run.counts["confirmed"]) == (RunState.DONE, len(shop.online()))
    assert {row.state for row in shop.transfers()} <= {TransferState.OK, TransferState.WARNING}
    assert front.faults == []
