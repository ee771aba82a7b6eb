"""The example dashboard shows figures that there are, and all of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

DASHBOARD = Path(__file__).parents[3] / "deploy" / "grafana-dashboard.json"


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def queried() -> set[str]:
    """Names in all queries; of a histogram its buckets stand for it."""
    queries = [target["expr"] for panel in panels() for target in panel["targets"]]
    return {name for query in queries for name in re.findall(r"\bportal_\w+", query)}


def test_every_figure_that_is_exported_is_shown_and_every_one_that_is_asked_for_exists(
    client: FlaskClient,
) -> None:
    exported = set()
    for family in text_string_to_metric_families(client.get("/metrics").text):
        ending = {"counter": "_total", "histogram": "_bucket"}.get(family.type, "")
        exported.add(family.name + ending)
    assert queried() == exported


def test_panels_lie_beside_and_below_each_other() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in panels()}) == len(places)
