"""The report that lies beside an imported file (docs/sandbox.md, "Report"). Whoever wrote it: it is data."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from portal.formats.charset import one_line
from portal.messages import say
from portal.platforms.contract import Feedback
from portal.platforms.contract.files import Report, ReportedVehicle

HEADER = ["file", "sha256", "line", "number", "result", "code", "column", "text"]
LONGEST_TEXT, LONGEST_NUMBER, LONGEST_COLUMN = 500, 80, 40
MOST_FINDINGS = 20
"""Of one vehicle; the others are counted."""
RESULTS = {"accepted": "accepted", "hint": "hinted", "rejected": "rejected"}
RANK = {"accepted": 0, "hinted": 1, "rejected": 2}
ReportRow = Mapping[str, str]


def read_report(content: bytes) -> Report:
    """Raises ValueError for what is no report, and for one that is cut off."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    reader = csv.DictReader(text, delimiter=";")
    try:
        if reader.fieldnames is None or list(reader.fieldnames) != HEADER:
            raise ValueError("this is no report")
        rows = _whole(reader)
        head = next(rows, None)
        if head is None or head["line"] != "0":
            raise ValueError("the report says nothing of the file")
        name, sha256 = head["file"], head["sha256"]
        if head["result"] == "refused":
            return Report(name, (), sha256, refusal=(_feedback(head),))
        found: dict[str, _Found] = {}
        for row in rows:
            number = one_line(row["number"])[:LONGEST_NUMBER]
            found.setdefault(number, _Found()).add(row)
        return Report(name, tuple(one.verdict(number) for number, one in found.items() if number), sha256)
    except (KeyError, csv.Error) as error:
        raise ValueError("the report is not readable") from error


def _whole(rows: Iterable[ReportRow]) -> Iterator[ReportRow]:
    for row in rows:
        if row["text"] is None:
            raise ValueError("the report is cut off")
        yield row


@dataclass
class _Found:
    """What is said of one vehicle: its worst result, and what was found."""

    result: str = "accepted"
    notes: list[Feedback] = field(default_factory=list)
    further: int = 0

    def add(self, row: ReportRow) -> None:
        result = RESULTS[row["result"]]
        self.result = max(self.result, result, key=RANK.__getitem__)
        if result == "accepted":
            return
        if len(self.notes) < MOST_FINDINGS:
            self.notes.append(_feedback(row))
        else:
            self.further += 1

    def verdict(self, number: str) -> ReportedVehicle:
        text = say(
            "Dazu kommen {further} weitere Meldungen. Sie stehen im Bericht auf dem Server.",
            further=self.further,
        )
        more = (Feedback("further-findings", text),) if self.further else ()
        return ReportedVehicle(number, self.result, (*self.notes, *more))


def _feedback(row: ReportRow) -> Feedback:
    said = one_line(row["text"])[:LONGEST_TEXT]
    code = one_line(row["code"])[:80] or "rejected"
    column = one_line(row["column"])[:LONGEST_COLUMN]
    text = say("mobile.de meldet „{says}“.", says=said or code)
    if column:
        text = say("Spalte {number}: {reason}", number=column, reason=text)
    return Feedback(code, text, platform_text=said)
