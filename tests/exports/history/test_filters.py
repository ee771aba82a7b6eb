"""The state of the history page is its URL: what it says, what it leaves out, what it falls back to."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.exports.history.filters import (
    DEFAULT_FILTER,
    HELD,
    HISTORY_ACTIONS,
    HISTORY_PERIODS,
    HISTORY_TRIGGERS,
    ROWS_PER_PAGE,
    STATES_OF_RESULT,
    HistoryChoices,
    HistoryFilter,
    from_query_args,
    shown_state,
    to_query_args,
)
from portal.models.exports import TransferState

OFFER = HistoryChoices(customers=("4711", "4712", "all"), locations=("HH", "KI"))
OLDER, NEWER = UUID(int=1), UUID(int=2)


def test_an_empty_url_means_the_documented_defaults() -> None:
    assert from_query_args({}, OFFER) == HistoryFilter(period=24, rows=20, result="not_ok")
    assert DEFAULT_FILTER.states == frozenset(TransferState) - {TransferState.OK} | {HELD}


@pytest.mark.parametrize(
    "args",
    [
        {"period": "121"},
        {"period": "-24"},
        {"period": "240"},
        {"period": "1e3"},
        {"rows": "1000000"},
        {"rows": ""},
        {"result": "nonsense"},
        {"action": "drop"},
        {"customer": "9999"},
        {"location": "XX"},
        {"trigger": "magic"},
        {"before": "no-uuid"},
        {"after": "'; --"},
        {"search": " \0 "},
    ],
)
def test_what_is_not_on_offer_falls_back_to_the_default(args: dict[str, str]) -> None:
    assert from_query_args(args, OFFER) == DEFAULT_FILTER


def test_no_url_looks_back_further_than_the_history_is_kept() -> None:
    assert from_query_args({"period": "120"}, replace(OFFER, longest=72)).period == 24
    assert from_query_args({"period": "72"}, replace(OFFER, longest=72)).period == 72
    assert max(HistoryChoices(longest=240).periods) == 120


filters = st.builds(
    HistoryFilter,
    period=st.sampled_from(HISTORY_PERIODS),
    rows=st.sampled_from(ROWS_PER_PAGE),
    result=st.sampled_from(tuple(STATES_OF_RESULT)),
    action=st.sampled_from(("", *HISTORY_ACTIONS)),
    customer=st.sampled_from(("", *OFFER.customers)),
    location=st.sampled_from(("", *OFFER.locations)),
    trigger=st.sampled_from(("", *HISTORY_TRIGGERS)),
    search=st.sampled_from(("", "A00012", "100%", "a_b", "ü & = ?")),
    before=st.none() | st.uuids(),
)


@given(filters)
def test_a_filter_survives_its_url(wanted: HistoryFilter) -> None:
    args = to_query_args(wanted, before=wanted.before, after=wanted.after)
    assert from_query_args(args, OFFER) == wanted


def test_defaults_leave_no_trace_in_the_url() -> None:
    assert to_query_args(DEFAULT_FILTER) == {}
    assert to_query_args(DEFAULT_FILTER, result="all") == {"result": "all"}


def test_another_filter_leads_to_the_first_page() -> None:
    here = replace(DEFAULT_FILTER, before=OLDER)
    assert to_query_args(here, result="all") == {"result": "all"}


def test_everything_is_what_the_same_accounts_had_in_the_same_period() -> None:
    wanted = HistoryFilter(
        period=120, rows=50, result="ok", customer="4711", location="KI", search="A1", after=NEWER
    )
    assert wanted.everything == HistoryFilter(period=120, rows=50, result="all", customer="4711")


def test_a_page_lies_on_one_side_only() -> None:
    """A URL that names both sides means the newer one: a page between two ids is not on offer."""
    both = from_query_args({"before": str(OLDER), "after": str(NEWER)}, OFFER)
    assert (both.before, both.after) == (None, NEWER)
    assert from_query_args({"before": str(OLDER)}, OFFER).before == OLDER
    assert from_query_args({"before": str(OLDER), "after": "no-uuid"}, OFFER).before == OLDER


def test_the_rows_of_one_run_are_asked_for_by_its_id() -> None:
    wanted = from_query_args({"run": str(NEWER)}, OFFER)
    assert wanted.run == NEWER
    assert wanted.narrowed
    assert to_query_args(wanted) == {"run": str(NEWER)}


@pytest.mark.parametrize("state", TransferState)
def test_only_what_waits_can_be_held(state: TransferState) -> None:
    assert shown_state(state, held=False) == state
    assert shown_state(state, held=True) == (HELD if state == TransferState.WAITING else state)
