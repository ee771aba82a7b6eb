"""Fetching a feed, as platforms do that pull."""

from __future__ import annotations

import os
from typing import Any

import httpx

from portal.sandbox.files.desk import FileDesk

PATIENCE = 60


def pull(desk: FileDesk, number: str, url: str, name: str, login: tuple[str, str] | None) -> dict[str, Any]:
    """What was answered. A feed that has not changed since the last time (304) is not imported again."""
    known = desk.etags.get((number, url))
    headers = {"If-None-Match": known} if known else {}
    with httpx.Client(timeout=PATIENCE, trust_env=False) as client:
        answer = client.get(url, headers=headers, auth=login)
    told: dict[str, Any] = {
        "status": answer.status_code,
        "etag": answer.headers.get("ETag"),
        "encoding": answer.headers.get("Content-Encoding"),
        "size": len(answer.content),
        "sha256": None,
    }
    if answer.status_code == 200:
        arrival = desk.bring(number, os.path.basename(name), answer.content, "pull")
        told["sha256"] = arrival.sha256 if arrival else None
        desk.etags[number, url] = answer.headers.get("ETag", "")
    return told
