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
    "dealers",
    "open_pages",
)
TARGET = Path(__file__).parents[1] / "docs" / "benchmarks.md"


REASONS = {
    "API transfers": "Portal, database and marketplace share the machine's cores: the bare client in as many "
    "threads does not reach the theoretical figure either.",
    "import": "The floor is a table without indexes; ours has seven, two foreign keys and generated columns.",
}
"""Why a budget may be missed, by how the name of its row begins."""


def main() -> None:
    chosen = sys.argv[1:] or NAMES
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
    lines = [
        f"- **{row.name}**: {row.ratio:.2f}×, budget {row.budget}. {_reason(row)}".rstrip() for row in missed
    ]
    return "\n".join(("## Budgets that are missed", "", *lines, ""))


def _reason(row: Row) -> str:
    return next((why for start, why in REASONS.items() if row.name.startswith(start)), "")


if __name__ == "__main__":
    main()
