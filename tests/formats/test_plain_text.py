"""Texts of dealer systems become lines, list entries and rules; what is said is kept."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.formats.plain_text import plain_line, plain_text, plainer

pieces = st.sampled_from(
    (
        *(
            "<b>",
            "</b>",
            "<br>",
            "<br/>\n",
            "<ul>",
            "</ul>",
            "<li>",
            "</li>",
            "<p style='a>b'>",
            "</p>",
            "<div>",
            "</div>",
        ),
        *(
            "<table><tr><td>",
            "</td></tr></table>",
            "&amp;",
            "&uuml;",
            "&nbsp;",
            "&lt;",
            "&gt;",
            "&amp;lt;",
            "&#8226;",
        ),
        *(
            "[b]",
            "[/b]",
            "[*]",
            "[list]",
            "[br]",
            "\\\\",
            "**",
            "* ",
            "----",
            "• ",
            "✓ ",
            "✅ ",
            "- ",
            "-",
            "– ",
            "\n",
        ),
        *(
            "\n\n",
            " ",
            "  ",
            "Klima",
            "Navi",
            "< 6 l",
            "> 4 m",
            "ü",
            "R&D",
            "12.990",
            "\t",
            "\r\n",
            "\u00a0",
            "🚗",
        ),
    )
)
texts = st.lists(pieces, max_size=25).map("".join)


def test_html_becomes_lines_and_entries() -> None:
    text = (
        "<b>Top-Zustand</b><br>Sitzheizung &amp; Navi<br/><ul><li>Klima</li><li>Allwetterreifen</li></ul>"
        "M&uuml;ller&nbsp;GmbH, Verbrauch < 6 l, Länge > 4 m, unfallfrei"
    )
    assert plain_text(text).split("\n") == [
        "Top-Zustand",
        "Sitzheizung & Navi",
        "- Klima",
        "- Allwetterreifen",
        "Müller GmbH, Verbrauch < 6 l, Länge > 4 m, unfallfrei",
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<p>Eins</p><p>Zwei</p>", "Eins\n\nZwei"),
        ("<div>Eins</div><div>Zwei</div>", "Eins\nZwei"),
        ("<table><tr><td>km</td><td>5</td></tr><tr><td>HU</td><td>neu</td></tr></table>", "km 5\nHU neu"),
        ("&amp;uuml;ber &lt;b&gt;alles&lt;/b&gt;", "über alles"),
        ("[b]Top[/b][br][list][*]Klima[*]Navi[/list]", "Top\n- Klima\n- Navi"),
        (
            "**Ausstattung:**\\\\* Klima\\\\* Navi\\\\----\\\\Ende",
            "Ausstattung:\n- Klima\n- Navi\n----\nEnde",
        ),
        ("• Klima\n• Navi", "- Klima\n- Navi"),
        ("✓ Klima ✓ Navi ✓ AHK", "- Klima\n- Navi\n- AHK"),
        ("✅ Klima\n➡️ Navi", "- Klima\n- Navi"),
        ("-Klima\n– Navi", "- Klima\n- Navi"),
        ("Eins\r\nZwei\rDrei", "Eins\nZwei\nDrei"),
        ("Eins\x0bZwei", "Eins\nZwei"),
        ("<![if !supportLists]>· <![endif]>Klima", "- Klima"),
        ("<nobr>12 km</nobr><w:wrap/>", "12 km"),
        ("\uf0b7 Klima\n\uf0b7 Navi", "- Klima\n- Navi"),
        ("Tür\u200bgriffe, Sitz&shy;heizung", "Türgriffe, Sitzheizung"),
        ("&uumlaut; &uuml;", "&uumlaut; ü"),
        (
            "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\*\\generator x;}\\f0\\fs20 "
            "Sehr gepflegt\\par Klima f\\'fcr 2\\u8364?}",
            "Sehr gepflegt\nKlima für 2€",
        ),
        ("Eins\n\n\n\nZwei", "Eins\n\nZwei"),
        ("==========", "----"),
        ("<style>b {}</style>Text<!-- nie -->", "Text"),
        ("Fahrspa&szlig; &#128663;", "Fahrspaß 🚗"),
        ('<a href="https://x.example">Mehr</a> <p class=x>Text</p>', "Mehr\n\nText"),
    ],
)
def test_marks_become_what_they_mean(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "Verbrauch < 6 l, Länge > 4 m",
        "3 < 4 > 2",
        "<Preis VB>",
        "[OFFEN] bis 18 Uhr",
        "AT&T, R&D, &copy 2020",
        "2 * 3 * 4",
        "-10 % Rabatt",
        "*** Top ***",
        "Klima • Navi • AHK",
        "Golf 1.4 TSI",
        "C:\\Bilder",
        "a<b und c>d",
        "km<i. d. R.> 10.000",
    ],
)
def test_what_only_looks_like_a_mark_is_text(text: str) -> None:
    assert plain_text(text) == text


def test_a_fact_of_one_line_stays_one_line() -> None:
    assert plain_line("M&uuml;ller<br>S&ouml;hne") == "Müller Söhne"


@given(texts)
def test_doing_it_again_changes_nothing(text: str) -> None:
    once = plain_text(text)
    assert plain_text(once) == once


@given(texts)
def test_what_is_taken_for_plain_would_not_change(text: str) -> None:
    assert plainer(once := plain_text(text)) == once


@pytest.mark.parametrize("text", ["Klima\n- Navi", "- Klima\n\n- Navi", "a - b", "Klima\n\nNavi-\nGerät"])
def test_lines_and_entries_are_plain(text: str) -> None:
    assert plain_text(text) == plainer(text) == text


@given(texts)
def test_words_are_kept_in_their_order_and_none_is_invented(text: str) -> None:
    said = re.findall(r"Klima|Navi|12\.990|🚗\s*\S", text)
    assert [word for word in said if word[0] != "🚗"] == re.findall(r"Klima|Navi|12\.990", plain_text(text))


@given(st.text(max_size=80))
def test_any_text_has_a_plain_form_that_is_stable(text: str) -> None:
    once = plain_text(text)
    assert plain_text(once) == once


@given(
    st.lists(st.sampled_from(("Klima", "Navi", "für", "AHK,", "unfallfrei.", "2. Hand")), min_size=1).map(
        " ".join
    )
)
def test_a_plain_text_is_left_alone(text: str) -> None:
    assert plain_text(text) == text


@given(texts)
def test_what_is_said_is_neither_lost_nor_invented(text: str) -> None:
    said, read = (_letters(re.sub(r"<style.*?</style>", "", one)) for one in (text, plain_text(text)))
    assert read == said


def _letters(text: str) -> list[str]:
    """Letters and digits outside tags and entities, which are marks."""
    bare = re.sub(r"</?[a-z]+(?: style='a>b')?/?>|\[/?(?:b|list|br)\]", "", text)
    bare = re.sub(r"&(?:amp;)*(?:amp|lt|gt|nbsp|#8226);", "", bare).replace("&uuml;", "ü")
    return re.findall(r"\w", bare)


@given(st.lists(st.sampled_from(("<", ">", "a", "b", "p", " ", "5", "und", "oder", ";")), max_size=14))
def test_a_comparison_loses_no_words(parts: list[str]) -> None:
    text = "".join(parts)
    for word in ("und", "oder"):
        assert plain_text(text).count(word) == text.count(word)


@pytest.mark.parametrize("read", [plain_text, plain_line])
def test_a_character_that_was_lost_twice_is_one_that_was_lost(read: Callable[[str], str]) -> None:
    """U+FFFD, written as UTF-8 and read as Windows-1252, would be sent as three letters."""
    assert read("Grï¿½n") == "Gr\ufffdn"
