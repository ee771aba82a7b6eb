"""A dealer who sells at AutoScout24, and what the platform would have seen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import update

from portal.exports.core.runtime import Runtime
from portal.models import Listing, Transfer
from tests.builders import Build
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace

CUSTOMER = "2142000471"


class As24Books:
    """What AutoScout24 would have seen and holds."""

    def __init__(self, marketplace: Marketplace) -> None:
        self.marketplace = marketplace
        self._http = httpx.Client(base_url=f"{marketplace.url}/control/autoscout24", timeout=60)

    def close(self) -> None:
        self._http.close()

    def listings(self) -> list[dict[str, Any]]:
        found = self._http.get("/listings", params={"customer": CUSTOMER}).json()["listings"]
        return [one for one in found if one["deletedAt"] is None]

    def tell(self, **facts: Any) -> None:
        assert self._http.put(f"/customers/{CUSTOMER}", json=facts).status_code == 204

    def change(self, listing_id: str, **facts: Any) -> None:
        assert self._http.put(f"/listings/{listing_id}", json=facts).status_code == 204

    def requests(self, kind: str) -> list[dict[str, Any]]:
        return list(self._http.get("/requests", params={"kind": kind}).json()["requests"])


class As24Stage(Stage):
    def __init__(self, build: Build, runtime: Runtime) -> None:
        super().__init__(build, runtime)
        self.activation = build.activation(
            self.dealer,
            app="autoscout24",
            customer_number=CUSTOMER,
            settings={"mobile_export": "none"},
            account={"customer_number": CUSTOMER, "seller_key": CUSTOMER, "limits": {"tiers": 1}},
        )

    def now_due(self) -> None:
        """As if the time of the next look had come."""
        with self.runtime.sessions.begin() as session:
            session.execute(
                update(Transfer).where(Transfer.poll_at.is_not(None)).values(poll_at=datetime.now(UTC))
            )

    def listing(self) -> Listing:
        return self.build.only_listing()
