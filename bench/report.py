"""What a benchmark reports: a figure beside its floor, measured in the same run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`ratio` is what the budget speaks of; `figure` and `floor` say of what, with their units."""

    name: str
    figure: str
    floor: str
    ratio: float
    budget: str
    met: bool


def at_most(name: str, figure: str, floor: str, ratio: float, limit: float) -> Row:
    return Row(name, figure, floor, ratio, f"≤ {limit:g}×", ratio <= limit)


def at_least(name: str, figure: str, floor: str, ratio: float, limit: float) -> Row:
    return Row(name, figure, floor, ratio, f"≥ {limit:g}×", ratio >= limit)


def table(rows: Iterable[Row]) -> str:
    """As a Markdown table."""
    lines = ["| what | figure | floor | ratio | budget | met |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {row.name} | {row.figure} | {row.floor} | {row.ratio:.2f}× | {row.budget} | "
        f"{'yes' if row.met else 'no'} |"
        for row in rows
    ]
    return "\n".join(lines)
