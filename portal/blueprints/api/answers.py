"""Problem documents (RFC 9457)."""

from __future__ import annotations

import json

from flask import Response


def problem(status: int, title: str, detail: str = "") -> Response:
    content = {"title": title, "status": status} | ({"detail": detail} if detail else {})
    return Response(json.dumps(content), status, content_type="application/problem+json")
