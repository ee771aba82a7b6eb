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
    "planning",
    "brake",
    "reconciliation",
    "import",
    "file",
    "file_run",
    "feed",
    "history",
)
TARGET = Path(__file__).parents[1] / "docs" / "benchmarks.md"


MISSED = """## Budgets that are missed, and why

- **Throughput**: the whole set is planned before the first request, because the brake has to see it;
  sending alone reaches 0.85. Portal, database and marketplace share the machine's cores: the bare client
  does not reach the theoretical figure either.
- **Import, all new**: the floor is a table without indexes; ours has eight, two foreign keys and
  generated columns.
- **History page**: the time does not grow with the number of transfers; half of it is rendering the
  rows, a third are eleven queries.
"""


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
    return f"{head}{table(rows)}\n\n{MISSED}"


if __name__ == "__main__":
    main()
