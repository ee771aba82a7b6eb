"""`make mutation`: change the modules that decide, one place at a time, and see whether a test notices.

mutmut makes the changes (`[tool.mutmut]` in pyproject.toml names the modules and their tests) in a copy under
var/. The score goes to docs/mutation.md; less than NEEDED fails.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPY = ROOT / "var" / "mutation"
PAGE = ROOT / "docs" / "mutation.md"
MARK = "<!-- written by make mutation -->"
LONGEST = 15 * 60
"""Seconds; what was not tried by then is named as such and counts as survived."""
NEEDED = 90
"""Percent."""
CAUGHT = ("killed", "timeout", "segfault")
VERDICT = re.compile(r"^\s*(\S+)\.(x\S+?)__mutmut_(\d+): (.+)$", re.MULTILINE)
Verdicts = dict[str, Counter[str]]


def main() -> int:
    _copy()
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "2"]
    try:
        subprocess.run(command, cwd=COPY, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        print("\nThe time is over.")
    listed = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    results = subprocess.run(listed, cwd=COPY, capture_output=True, text=True, check=True).stdout
    verdicts = _by_module(results)
    if not verdicts:
        print("mutmut tried nothing; see above.")
        return 1
    PAGE.write_text(
        PAGE.read_text(encoding="utf-8").split(MARK)[0] + MARK + _table(verdicts), encoding="utf-8"
    )
    score = _score(sum(verdicts.values(), Counter()))
    print(f"{score:.1f} % of the changes are noticed ({NEEDED} % are needed), see {PAGE.relative_to(ROOT)}.")
    return 0 if score >= NEEDED else 1


def _copy() -> None:
    """What git knows: mutmut writes its mutants into the folder in which it runs."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)


def _by_module(results: str) -> Verdicts:
    found = {name.removesuffix(".py").replace("/", "."): Counter[str]() for name in _modules()}
    for module, _function, _number, verdict in VERDICT.findall(results):
        found[module][verdict] += 1
    return {module: counts for module, counts in found.items() if counts}


def _modules() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(settings["tool"]["mutmut"]["only_mutate"])


def _score(counts: Counter[str]) -> float:
    return 100 * _caught(counts) / counts.total()


def _caught(counts: Counter[str]) -> int:
    return sum(counts[verdict] for verdict in CAUGHT)


def _table(verdicts: Verdicts) -> str:
    rows = [*sorted(verdicts.items()), ("**together**", sum(verdicts.values(), Counter()))]
    lines = [
        f"| {module} | {counts.total()} | {counts.total() - _caught(counts)} | {_score(counts):.1f} |"
        for module, counts in rows
    ]
    head = "\n\n| module | changes | not noticed | noticed in % |\n|---|---:|---:|---:|\n"
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
