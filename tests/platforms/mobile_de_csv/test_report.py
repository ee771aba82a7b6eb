"""The report beside an imported file (docs/sandbox.md)."""

from __future__ import annotations

import pytest

from portal.platforms.mobile_de_csv.report import HEADER, MOST_FINDINGS, read_report
from tests.words import german

SHA = "9f86d081"
SAMPLE = [
    f"stock.csv;{SHA};0;;received;;;2 accepted, 1 hinted, 1 rejected, 3 deleted",
    f"stock.csv;{SHA};1;HH-100;accepted;;;",
    f"stock.csv;{SHA};2;HH-101;hint;picture-missing;AA;There is no picture HH-101_1.jpg.",
    f"stock.csv;{SHA};3;HH-102;hint;colour-unknown;Q;",
    f"stock.csv;{SHA};3;HH-102;rejected;make-missing;D;The make is missing.",
    f"stock.csv;{SHA};4;HH-103;accepted;;;",
]


def report(*lines: str) -> bytes:
    return "\r\n".join([";".join(HEADER), *lines, ""]).encode()


def test_each_vehicle_has_its_worst_result_and_every_finding() -> None:
    found = read_report(report(*SAMPLE))
    assert (found.file_name, found.sha256, found.refusal) == ("stock.csv", SHA, ())
    assert [(verdict.number, verdict.result) for verdict in found.verdicts] == [
        ("HH-100", "accepted"),
        ("HH-101", "hinted"),
        ("HH-102", "rejected"),
        ("HH-103", "accepted"),
    ]
    assert [note.code for note in found.verdicts[2].feedback] == ["colour-unknown", "make-missing"]
    (note,) = found.verdicts[1].feedback
    assert german(note.text) == "Spalte AA: mobile.de meldet „There is no picture HH-101_1.jpg.“."
    assert note.platform_text == "There is no picture HH-101_1.jpg."


def test_a_file_that_was_not_taken() -> None:
    found = read_report(report(f"stock.csv;{SHA};0;;refused;not-readable;;This is no CSV."))
    assert found.verdicts == ()
    assert [note.code for note in found.refusal] == ["not-readable"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"<html>404</html>",
        ";".join(HEADER).encode(),
        report("stock.csv;x;1;HH-1;accepted;;;"),
        report(SAMPLE[0], "stock.csv;x;1;HH-1;perhaps;;;"),
        report(SAMPLE[0], "stock.csv;x"),
        report(SAMPLE[0], "stock.csv;x;1;HH-1;rejected"),
        report(SAMPLE[0], "stock.csv;x;1;HH-1;rejected;x;;" + "y" * 2_000_000),
        b'"' + b"x" * 2_000_000,
        report(SAMPLE[0])[:-2] + b"\xff",
    ],
)
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        read_report(content)


def test_a_text_of_the_platform_is_data() -> None:
    found = read_report(report(SAMPLE[0], f"stock.csv;{SHA};1;A1;rejected;x;;" + "<b>\x07" + "y" * 900))
    (note,) = found.verdicts[0].feedback
    assert note.platform_text.startswith("<b>")
    assert len(note.platform_text) == 500
    assert "\x07" not in german(note.text)


def test_nothing_in_it_can_harm_what_is_kept() -> None:
    """PostgreSQL keeps no NUL, pages show no control characters, and texts have an end."""
    row = f"stock.csv;{SHA};1;A\x001\x07;rejected;c\x00{'c' * 200};Q\x00{'q' * 200};t\x00\u2028t"
    (verdict,) = read_report(report(SAMPLE[0], row)).verdicts
    (note,) = verdict.feedback
    for text in (verdict.number, note.code, german(note.text), note.platform_text):
        assert text.isprintable()
        assert len(text) < 700
    assert verdict.number == "A1"


def test_a_vehicle_with_very_many_findings_shows_the_first_and_counts_the_others() -> None:
    rows = [f"stock.csv;{SHA};1;A1;hint;code-{n};;Text {n}" for n in range(MOST_FINDINGS + 7)]
    (verdict,) = read_report(report(SAMPLE[0], *rows)).verdicts
    assert len(verdict.feedback) == MOST_FINDINGS + 1
    assert german(verdict.feedback[-1].text).startswith("Dazu kommen 7 weitere Meldungen")
