"""Telephone numbers, mail addresses and web addresses in a text, with their places.

Marketplaces forbid them in headlines and highlights, some in descriptions: buyers shall write by the
platform. Prices, mileages and years are no telephone numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

ContactKind = Literal["phone", "email", "url"]

_DIGIT_WORDS = "null|eins|zwei|zwo|drei|vier|fünf|fuenf|sechs|sieben|acht|neun"
_TLDS = "de|com|net|org|eu|info|biz|shop|at|ch|nl|lu|mobi|cars|gmbh|nrw|bayern|berlin|hamburg|koeln"
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s?(?:@|\((?:at|ät)\)|\[at\]|\{at\}|\s+at\s+(?=[\w-]+(?:\.|\s?\(dot\)|\s?\(punkt\))))\s?"
    r"[\w-]+(?:(?:\.|\s?[\[(](?:dot|punkt)[\])]\s?)[\w-]+)+"
    rf"|(?<![\w.+-])[\w.+-]{{1,64}}\s?(?:@|(?<=\s)(?:at|ät)(?=\s))\s?[\w-]+(?:\s?\.\s?|\s(?:dot|punkt)\s)(?:{_TLDS})\b",
    re.IGNORECASE,
)
_URL = re.compile(
    rf"(?:https?://|\bwww\.|\b(?:wa|t|fb)\.me/)[^\s<>\"',;]+"
    rf"|(?<![\w@.-])[a-z0-9äöüß](?:[a-z0-9äöüß-]*[a-z0-9äöüß])?(?:\.[a-z0-9äöüß-]+)*\.(?:{_TLDS})(?![\w-])(?:/[^\s<>\"',;]*)?",
    re.IGNORECASE,
)
_BETWEEN = r"[\s/()._·\u2010-\u2015\u2212-]"
_NO_AMOUNT = r"(?!\s?(?:km|€|eur)\b)"
_PHONE = re.compile(
    rf"(?<![\w.,+])(?:\(?\+{{1,2}}\d{{1,3}}|00 ?[1-9]\d|\(0\d{{1,5}}\)|0 ?[1-9]\d{{1,4}}){_BETWEEN}*\d"
    rf"(?:{_BETWEEN}{{0,3}}\d){{4,12}}(?![\w,]*\d|\w)"
    rf"|(?<![\w.,+])0[ -]?1[ -]?[5-7][ -]?\d(?:{_BETWEEN}{{0,3}}\d){{6,9}}(?![\w,]*\d|\w){_NO_AMOUNT}"
    r"|(?<![\w.,+])0(?: \d){8,13}(?![\w,]*\d|\w| \d)"
    r"|(?<![\w.,+])O1[5-7]\d(?:[\s/-]{0,3}\d){6,9}(?![\w,]*\d|\w)"
    rf"|\b(?:(?:{_DIGIT_WORDS})\b[\s,/-]*){{6,}}(?:\d(?:[\s/-]?\d)*)?"
    rf"|(?<![\w.,+])(?:0\d{{2,5}}[\s/-]+(?:(?:{_DIGIT_WORDS})\b[\s,/-]*){{3,}}|(?:(?:{_DIGIT_WORDS})\b[\s,/-]*){{4,}}\d{{4,9}})"
    r"|\b(?:tel(?:efon)?|mobil|handy|whatsapp|fon|phone|fax)\b"
    r"\s*(?:nr\.?|nummer)?\s*[.:]*\s*[+(]?\d[\d\s/().–-]{4,}\d"
    rf"|(?<![\w.,-])\d{{8,14}}(?![\w.,]){_NO_AMOUNT}",
    re.IGNORECASE,
)
_SPELLED = re.compile(rf"\b(?:{_DIGIT_WORDS})\b", re.IGNORECASE)
_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})")


@dataclass(frozen=True)
class Mention:
    """`start` and `end` are places in the text."""

    kind: ContactKind
    start: int
    end: int
    text: str


def mentions(text: str) -> tuple[Mention, ...]:
    """All of them, from left to right, none within another."""
    found: list[Mention] = []
    for mention in _candidates(text):
        if all(mention.end <= other.start or mention.start >= other.end for other in found):
            found.append(mention)
    return tuple(sorted(found, key=lambda mention: mention.start))


def mentioned(text: str, *kinds: ContactKind) -> Mention | None:
    """The first of these kinds."""
    return next((mention for mention in mentions(text) if mention.kind in kinds), None)


def marked(text: str, mention: Mention, around: int = 20) -> str:
    """The place within its surroundings: `… unter »0172 1234567« anrufen …`."""
    before, after = text[: mention.start].replace("\n", " "), text[mention.end :].replace("\n", " ")
    head = ("… " if len(before) > around else "") + before[-around:].lstrip()
    tail = after[:around].rstrip() + (" …" if len(after) > around else "")
    return f"{head}»{mention.text}«{tail}"


def _candidates(text: str) -> Iterator[Mention]:
    for kind, pattern in (("email", _EMAIL), ("url", _URL), ("phone", _PHONE)):
        for match in pattern.finditer(text):
            shown = match[0].rstrip(" .,;:!?)-/")
            digits = sum(map(str.isdigit, shown)) + len(_SPELLED.findall(shown))
            if kind == "phone" and (_DATE.match(shown) or digits < 6):
                continue
            yield Mention(kind, match.start(), match.start() + len(shown), shown)  # type: ignore[arg-type]
