"""Answers in the platform's media type and error shape."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from flask import Response

from portal.sandbox.mobile_de.rules.findings import AdFinding, as_json

MEDIA_TYPE = "application/vnd.de.mobile.api+json"


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, headers, content_type=MEDIA_TYPE)


def error_answer(status: int, *found: AdFinding | str) -> Response:
    """Findings, or keys that need no more than themselves."""
    return errors_answer(status, (AdFinding(f) if isinstance(f, str) else f for f in found))


def errors_answer(status: int, findings: Iterable[AdFinding]) -> Response:
    return answer({"errors": [as_json(finding) for finding in findings]}, status)
