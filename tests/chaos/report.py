"""The figures of a run, printed and written into docs/reliability.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.chaos.ground import ROOT
from tests.chaos.storm import Weather
from tests.chaos.verdict import Verdict
from tests.delivery.cutting import Tally

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: written by make chaos -->", "<!-- end of figures -->"


@dataclass(frozen=True)
class Storm:
    weather: Weather
    verdict: Verdict
    refused: int


@dataclass(frozen=True)
class Moment:
    name: str
    verdict: Verdict
    seconds: float


@dataclass(frozen=True)
class Figures:
    storm: Storm
    moments: Sequence[Moment]
    uploads: Tally

    @property
    def clean(self) -> bool:
        return self.storm.verdict.clean and all(moment.verdict.clean for moment in self.moments)


def of_storm(storm: Storm) -> str:
    weather, verdict, plan = storm.weather, storm.verdict, storm.weather.plan
    rows = {
        "changes over vehicles": f"{plan.changes} over {plan.vehicles}, seed {plan.seed}",
        "worker groups killed (SIGKILL)": f"{weather.kills}, {weather.clocks} came back an hour slow",
        "Valkey flushed and restarted": weather.valkey_restarts,
        "PostgreSQL restarted (immediate)": weather.postgres_restarts,
        "database connections killed": weather.connections_killed,
        "connections that stood about": f"{plan.idle_connections}, one of them pinning old rows;"
        f" back {weather.crowds - 1} times after a restart",
        "platform down for all": f"{weather.outages} times",
        "changes that had to be made again": storm.refused,
        "requests struck by a fault": f"{verdict.struck.total()} ({_kinds(verdict)})",
        "writes that the marketplace saw": verdict.requests,
        "explained by an exchange in the history": verdict.explained,
        "explained by an attempt of unknown outcome": verdict.by_unknown,
        "attempts whose worker was killed": verdict.interrupted,
        "unexplained": len(verdict.unexplained),
        "lost": len(verdict.lost) + len(verdict.unwanted),
        "doubled": len(verdict.doubled),
        "left waiting or sending": sum(verdict.left.values()),
        "given up": verdict.failed,
        "healed after the last fault": f"{weather.healed_after:.0f} s",
    }
    return "\n".join(("| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())))


def _kinds(verdict: Verdict) -> str:
    return ", ".join(f"{count} × {effect}" for effect, count in sorted(verdict.struck.items()))


def of_rest(figures: Figures) -> str:
    rows = [
        f"| {moment.name.replace('_', ' ')} | {moment.verdict.requests} | {_wrong(moment.verdict, 'lost')} |"
        f" {_wrong(moment.verdict, 'doubled')} | {moment.seconds:.0f} s |"
        for moment in figures.moments
    ]
    uploads = figures.uploads
    return "\n".join(
        (
            "| moment | writes | lost | doubled | took |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"File uploads: connection cut {uploads.cut} times, {uploads.delivered} delivered afterwards;"
            " after each the file at the server was one complete generation.",
        )
    )


def _wrong(verdict: Verdict, what: str) -> int:
    return len(verdict.doubled) if what == "doubled" else len(verdict.lost) + len(verdict.unwanted)


def write(figures: Figures) -> None:
    """Between the marks; what stands around them is written by people."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    day = datetime.now(UTC).strftime("%d.%m.%Y")
    new = f"\nLast run: {day}.\n\n{of_storm(figures.storm)}\n\n{of_rest(figures)}\n"
    PAGE.write_text(f"{before}{BEGIN}{new}{END}{after}", encoding="utf-8")
