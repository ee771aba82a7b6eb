"""Writes docs/asvs.md from tools/asvs.txt: `python tools/asvs.py`.

A line of asvs.txt holds id, level, state, our own words, and for what is met the test or file that shows it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE, TARGET = ROOT / "tools" / "asvs.txt", ROOT / "docs" / "asvs.md"
MET, NOT_APPLICABLE, OPEN = "met", "not applicable", "open"
STATES = (MET, NOT_APPLICABLE, OPEN)
LEVELS = (1, 2)
INTRODUCTION = """# OWASP ASVS 5.0, levels 1 and 2

How the portal stands with each requirement of the Application Security Verification Standard, by their ids;
their text is at <https://github.com/OWASP/ASVS>. The project judged itself; nobody else has. Written by
`tools/asvs.py` from `tools/asvs.txt`.
"""


@dataclass(frozen=True)
class Answer:
    """`shown_by` is a path of the project, empty for what is not met."""

    id: str
    level: int
    state: str
    words: str
    shown_by: str


def read(lines: str) -> list[Answer]:
    """Raises ValueError for a line that is none."""
    found = []
    for line in lines.splitlines():
        if not line.startswith("#"):
            key, level, state, words, *shown_by = line.split(" | ")
            found.append(Answer(key, int(level), state, words, "".join(shown_by)))
    return found


def written(answers: list[Answer]) -> str:
    return "\n".join([INTRODUCTION, *_counts(answers), "", *_rows(answers), ""])


def _counts(answers: list[Answer]) -> list[str]:
    counted = Counter((answer.level, answer.state) for answer in answers)
    lines = [f"| level | {' | '.join(STATES)} | all |", "|---|" + "---|" * (len(STATES) + 1)]
    for level in LEVELS:
        numbers = [counted[level, state] for state in STATES]
        lines.append(f"| {level} | {' | '.join(map(str, numbers))} | {sum(numbers)} |")
    return lines


def _rows(answers: list[Answer]) -> list[str]:
    rows = ["| id | level | state | how, or why not | shown by |", "|---|---|---|---|---|"]
    for answer in answers:
        shown = f"`{answer.shown_by}`" if answer.shown_by else ""
        rows.append(f"| {answer.id} | {answer.level} | {answer.state} | {answer.words} | {shown} |")
    return rows


if __name__ == "__main__":
    TARGET.write_text(written(read(SOURCE.read_text("utf-8"))), "utf-8")
