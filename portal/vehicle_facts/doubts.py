"""What is hardly ever meant as it stands in a vehicle's JSON: a car for 12,99 €, `GrÃ¼n`.

Somebody has to say so before it is published: such a car would be sold for that price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.messages import Message, say
from portal.vehicle_facts.confirmation import doubtful_amounts
from portal.vehicle_facts.mojibake import spoilt_texts

LONGEST_EXCERPT = 80


@dataclass(frozen=True)
class Doubt:
    code: str
    text: Message
    path: str


def doubts(facts: Mapping[str, Any]) -> Iterator[Doubt]:
    for path, doubt in doubtful_amounts(facts):
        yield Doubt(doubt.code, doubt.text, path)
    for path, repaired in spoilt_texts(facts):
        text = say(
            "Der Text enthält zerstörte Umlaute. Vermutlich ist gemeint: „{value}“.", value=excerpt(repaired)
        )
        yield Doubt("text-spoilt", text, path)


def excerpt(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= LONGEST_EXCERPT else f"{one_line[: LONGEST_EXCERPT - 1]}…"
