"""The sandbox marketplace as tests see it: a running server, its faults and its books."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from portal.sandbox.server import running
from portal.sandbox.settings import SandboxSettings


class Marketplace:
    """What mobile.de would have seen and holds."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._control = httpx.Client(base_url=f"{url}/control", timeout=10)

    def online(self, seller: str = "4711001") -> dict[str, dict[str, Any]]:
        """Bodies of the ads that are online, by internal number; fails where a number is there twice."""
        ads = self._get("ads", seller=seller, online="1")["ads"]
        numbers = [ad["internalNumber"] for ad in ads]
        assert len(numbers) == len(set(numbers)), f"doubled at the marketplace: {sorted(numbers)}"
        return {ad["internalNumber"]: ad["body"] | {"adId": ad["adId"]} for ad in ads}

    def generations(self, seller: str = "4711001") -> list[dict[str, Any]]:
        """All ads that ever were, the deleted ones too."""
        return list(self._get("ads", seller=seller)["ads"])

    def requests(self, *kinds: str) -> list[dict[str, Any]]:
        """The request log, oldest first; only these kinds where any are named."""
        rows = self._get("requests")["requests"]
        return [row for row in rows if not kinds or row["kind"] in kinds]

    def fault(self, effect: str, *kinds: str, **more: Any) -> None:
        body = {"effect": effect, **({"kinds": list(kinds)} if kinds else {}), **more}
        self._control.post("/faults", json=body).raise_for_status()

    def heal(self) -> None:
        self._control.delete("/faults").raise_for_status()

    def change_seller(self, number: str, **facts: bool) -> None:
        self._control.put(f"/sellers/{number}", json=facts).raise_for_status()

    def change_password(self, password: str, username: str = "portal") -> None:
        self._control.put(f"/accounts/{username}", json={"password": password}).raise_for_status()

    def forget_images(self) -> None:
        self._control.delete("/images").raise_for_status()

    def remove(self, ad_id: str, seller_id: str = "1000471") -> None:
        """As if the dealer had deleted the ad at the platform himself."""
        answer = httpx.delete(
            f"{self.url}/seller-api/sellers/{seller_id}/ads/{ad_id}", auth=("portal", "portal-sandbox")
        )
        answer.raise_for_status()

    def change(self, ad_id: str, seller_id: str = "1000471", **facts: Any) -> None:
        """As if the dealer had changed the ad at the platform himself."""
        with self._seller_api(seller_id) as api:
            ad = api.get(f"/ads/{ad_id}").raise_for_status().json()
            api.put(f"/ads/{ad_id}", json=ad | facts).raise_for_status()

    def place(self, ad: dict[str, Any], seller_id: str = "1000471") -> str:
        """As if the dealer had put in an ad of his own; returns its id. `ad` is one that is online."""
        with self._seller_api(seller_id) as api:
            placed = api.post("/ads", json={name: value for name, value in ad.items() if name != "adId"})
            return str(placed.raise_for_status().json()["mobileAdId"])

    def _seller_api(self, seller_id: str) -> httpx.Client:
        base = f"{self.url}/seller-api/sellers/{seller_id}"
        media = {"Content-Type": "application/vnd.de.mobile.api+json"}
        return httpx.Client(base_url=base, auth=("portal", "portal-sandbox"), headers=media, timeout=10)

    def reset(self) -> None:
        self._control.post("/reset", json={}).raise_for_status()

    def close(self) -> None:
        self._control.close()

    def _get(self, what: str, **query: str) -> dict[str, Any]:
        answer = self._control.get(f"/{what}", params=query)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def open_marketplace(folder: Path) -> Iterator[Marketplace]:
    with running(SandboxSettings(folder / "sandbox.sqlite", port=0, smtp_port=0, sftp_port=0, ftp_port=0)) as server:
        marketplace = Marketplace(server.url)
        yield marketplace
        marketplace.close()
