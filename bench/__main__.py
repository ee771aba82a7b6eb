"""`make bench`: every benchmark, one after the other; prints and writes docs/benchmarks.md.

`python -m bench NAME …` runs only some of them and writes nothing.
"""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from bench.report import Row, table
from portal import garbage

NAMES = (
    "latency",
    "throughput",
    "waiting",
    "planning",
    "brake",
    "reconciliation",
    "import",
    "file",
    "file_run",
    "feed",
    "history",
    "platforms",
    "dealers",
    "open_pages",
)
TARGET = Path(__file__).parents[1] / "docs" / "benchmarks.md"


REASONS = {
    "API transfers": (
        "Portal, PostgreSQL and marketplace share the machine's cores; the bare client in as many threads "
        "does not reach the theoretical figure either."
    ),
    "import": (
        "Of about 45 µs that the portal spends on a new row csv.reader takes 7, the cells 13, what the model "
        "allows 4, doubts 2, its mark 2, JSON 4. Meanwhile PostgreSQL inserts the rows before, 35 each: the "
        "floor is a table without indexes; ours has seven, two foreign keys and generated columns. One after "
        "the other remain the last chunk and the statements over the whole file, about 3. Rows that are "
        "known again are not read."
    ),
    "whole run": (
        "The first file prepares every vehicle, a third of a millisecond each: PostgreSQL takes more than a "
        "quarter of that (facts, digest, entry, listing, the row of the run), facts and texts to a row a "
        "quarter, preflight and what is odd a seventh, to load the model a tenth, the rest is what is kept "
        "and the file. 8× would be a tenth of a millisecond, which PostgreSQL alone takes. Later files are "
        "put together of what is kept: half of their time is PostgreSQL's, for digests and rows of the run."
    ),
    "history page": (
        "Nearly half are the templates (a third of that the rows), a quarter are eight statements and what "
        "SQLAlchemy does around each, the rest is Flask and what the view makes of the rows."
    ),
    "a ring": (
        "Fifteen statements in seven transactions through SQLAlchemy take more than half of it; the "
        "vehicle's mapping, the request and its thread the rest."
    ),
    "150 activations": (
        "Portal, PostgreSQL, marketplace and whoever saves the changes share two cores. Planned once for a "
        "connection, the statements of a ring cost PostgreSQL half of what they did."
    ),
}
"""Why a budget may be missed, by how the name of its row begins."""


def main() -> None:
    chosen = sys.argv[1:] or NAMES
    garbage.collect_rarely()  # as in the processes whose work is measured here
    rows: list[Row] = []
    for name in chosen:
        print(f"— {name} …", flush=True)
        found = import_module(f"bench.{name}_bench").run()
        print(table(found), flush=True)
        rows += found
    if tuple(chosen) == NAMES:
        TARGET.write_text(_page(rows))


def _page(rows: list[Row]) -> str:
    head = (
        "# Benchmarks\n\n"
        "Written by `make bench`. Every figure stands beside its floor, measured in the same run; "
        "what counts is the ratio, the machines are shared and noisy.\n\n"
        f"Last run: {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}.\n\n"
    )
    return f"{head}{table(rows)}\n\n{_missed(rows)}"


def _missed(rows: list[Row]) -> str:
    missed = [row for row in rows if not row.met]
    if not missed:
        return "Every budget is met.\n"
    lines = [f"- **{row.name}**: {row.ratio:.2f}×, budget {row.budget}." for row in missed]
    why = [
        f"- **{start}**: {reason}"
        for start, reason in REASONS.items()
        if any(row.name.startswith(start) for row in missed)
    ]
    return "\n".join(("## Budgets that are missed", "", *lines, "", "## Why", "", *why, ""))


if __name__ == "__main__":
    main()
