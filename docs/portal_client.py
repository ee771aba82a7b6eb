"""A client of the portal's API to copy: Python alone, nothing to install. Usage:

    portal_client.py https://portal.example vex_… HH stock.json pictures/

`stock.json` is a list of vehicles as POST /vehicles takes them; pictures lie in `pictures/<offer number>/`.
Sends the whole stock of location HH, then what pictures are missing, and prints what is not online and why.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ATTEMPTS = 5


class RequestRefused(Exception):
    """A problem document; `problem` has `status`, `title`, `detail`."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('status')} {problem.get('title')}: {problem.get('detail', '')}")
        self.problem = problem


class Portal:
    """Waits and tries again where the portal asks for it (`Retry-After`); raises RequestRefused otherwise."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = f"{url.rstrip('/')}/api/v1", key

    def put_stock(self, location: str, vehicles: list[dict[str, Any]]) -> dict[str, Any]:
        return self.call("PUT", f"/vehicles/{_quoted(location)}", {"vehicles": vehicles})

    def vehicles(self, location: str) -> Iterator[dict[str, Any]]:
        """Page after page."""
        after = ""
        while after is not None:
            query = urllib.parse.urlencode({"location": location} | ({"after": after} if after else {}))
            page = self.call("GET", f"/vehicles?{query}")
            yield from page["vehicles"]
            after = page["next"]

    def put_images(self, location: str, number: str, files: list[Path]) -> None:
        """In the order of the files; only those that the portal does not have are sent."""
        path = f"/vehicles/{_quoted(location)}/{_quoted(number)}/images"
        digests = {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in files}
        known = {image["digest"] for image in self.call("GET", path)["images"]}
        for digest, file in digests.items():
            if digest not in known:
                kind = mimetypes.guess_type(file.name)[0] or "image/jpeg"
                self.call("POST", path, file.read_bytes(), kind)
        self.call("PUT", path, {"images": list(digests)})

    def call(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        # S310: which scheme and host are called is the caller's own choice.
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}"} | ({"Content-Type": kind} if data else {})
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                wait = error.headers.get("Retry-After")
                if wait is None or attempt == ATTEMPTS:
                    raise RequestRefused(_problem_of(error)) from None
                time.sleep(int(wait))
        raise AssertionError("not reached")


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _problem_of(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        return dict(json.load(error))
    except ValueError:
        return {"status": error.code, "title": error.reason}


def main(url: str, key: str, location: str, stock: str, pictures: str) -> None:
    portal = Portal(url, key)
    vehicles = json.loads(Path(stock).read_text("utf-8"))
    for result in portal.put_stock(location, vehicles)["results"]:
        for error in result["errors"]:
            print(f"{result['offer_number']} rejected: {error['field']}: {error['text']}")
    for vehicle in portal.vehicles(location):
        number = vehicle["offer_number"]
        if files := sorted(Path(pictures, number).glob("*.*")):
            portal.put_images(location, number, files)
        for platform in vehicle["platforms"]:
            reasons = "; ".join(reason["text"] for reason in platform["reasons"])
            if not platform["online"]:
                print(f"{number} at {platform['app']}: {platform['state']}: {reasons}")


if __name__ == "__main__":
    main(*sys.argv[1:])
