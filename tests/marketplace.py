"""The sandbox marketplace as tests see it: a running server, its faults and its books."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx

from portal.delivery import EgressPolicy, Target
from portal.sandbox.files.desk import PASSWORD as FILE_PASSWORD
from portal.sandbox.server import running
from portal.sandbox.settings import SandboxSettings


class Marketplace:
    """What mobile.de would have seen and holds."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._control = httpx.Client(base_url=f"{url}/control", timeout=60)

    def online(self, seller: str = "4711001") -> dict[str, dict[str, Any]]:
        """Bodies of the ads that are online, by internal number; fails where a number is there twice."""
        ads = self.read("ads", seller=seller, online="1")["ads"]
        numbers = [ad["internalNumber"] for ad in ads]
        assert len(numbers) == len(set(numbers)), f"doubled at the marketplace: {sorted(numbers)}"
        return {ad["internalNumber"]: ad["body"] | {"adId": ad["adId"]} for ad in ads}

    def generations(self, seller: str = "4711001") -> list[dict[str, Any]]:
        """All ads that ever were, the deleted ones too."""
        return list(self.read("ads", seller=seller)["ads"])

    def requests(self, *kinds: str) -> list[dict[str, Any]]:
        """The request log, oldest first; only these kinds where any are named."""
        rows = self.read("requests")["requests"]
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

    def target(self, transport: str, number: str = "4711001", **changes: Any) -> Target:
        """A seller's folder at the file portal as somewhere to deliver to; its host key is pinned."""
        servers = self.read("servers")
        facts: dict[str, Any] = {
            "host": "localhost",
            "port": servers["sftpPort" if transport == "sftp" else "ftpPort"],
            "username": number,
            "password": FILE_PASSWORD,
            "file_name": "bestand.csv",
            "host_key": servers["hostKey"] if transport == "sftp" else "",
            "url": f"{self.url}/dateiportal/{number}/upload",
        }
        return Target(transport, **(facts | changes))

    def egress_policy(self, **changes: Any) -> EgressPolicy:
        """This machine may be reached, and the authority of the file portal's certificate is trusted."""
        loopback = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
        authorities = Path(self.read("servers")["authorities"])
        return EgressPolicy(**({"allow": loopback, "authorities": authorities} | changes))

    def files(self, number: str = "4711001", folder: str = "") -> dict[str, Any]:
        """What lies in a folder of the file portal now: name → size and sha256."""
        return dict(self.read(f"files/{number}", folder=folder)["files"])

    def file(self, name: str, number: str = "4711001") -> bytes:
        """A file in the seller's own folder, for example a report."""
        answer = httpx.get(f"{self.url}/dateiportal/{number}/{name}", auth=(number, FILE_PASSWORD))
        answer.raise_for_status()
        return answer.content

    def file_generations(self, number: str = "4711001", folder: str = "") -> list[dict[str, Any]]:
        """Every file that was imported, oldest first, with its counts."""
        return list(self.read(f"files/{number}", folder=folder)["generations"])

    def file_stock(self, number: str = "4711001", folder: str = "") -> dict[str, list[str]]:
        """What the file portal shows to buyers: internal number → fields."""
        return dict(self.read(f"files/{number}", folder=folder)["vehicles"])

    def make_folder(self, folder: str, number: str = "4711001") -> None:
        self._control.post(f"/files/{number}/folders", json={"folder": folder}).raise_for_status()

    def allow_key(self, public_key: str, number: str = "4711001") -> None:
        self._control.post(f"/files/{number}/keys", json={"publicKey": public_key}).raise_for_status()

    def pull(self, url: str, name: str, number: str = "4711001", **login: str) -> dict[str, Any]:
        """The platform fetches a feed; `username` and `password` where it needs them."""
        answer = self._control.post(f"/files/{number}/pull", json={"url": url, "name": name, **login})
        answer.raise_for_status()
        return dict(answer.json())

    def fetch_feed(self, catalogue: str, url: str, *look: str) -> dict[str, Any]:
        """What Google, Meta, TikTok or Microsoft make of a feed; `look` at `pictures` and `pages`."""
        body = {"url": url, "look": look}
        answer = self._control.post(f"/catalogues/{catalogue}/fetch", json=body)
        answer.raise_for_status()
        return dict(answer.json())

    def mails(self) -> list[dict[str, Any]]:
        """What was caught instead of delivered, the newest first."""
        return list(self.read("mails")["mails"])

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
        return httpx.Client(base_url=base, auth=("portal", "portal-sandbox"), headers=media, timeout=60)

    def reset(self) -> None:
        self._control.post("/reset", json={}).raise_for_status()

    def close(self) -> None:
        self._control.close()

    def read(self, what: str, **query: str) -> dict[str, Any]:
        """A page of the books as its control endpoint tells it, for example `autoscout24/listings`."""
        answer = self._control.get(f"/{what}", params=query)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def open_marketplace(folder: Path) -> Iterator[Marketplace]:
    ports = dict.fromkeys(("port", "smtp_port", "sftp_port", "ftp_port"), 0)
    with running(SandboxSettings(folder / "sandbox.sqlite", **ports)) as server:
        marketplace = Marketplace(server.url)
        yield marketplace
        marketplace.close()
