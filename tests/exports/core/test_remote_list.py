"""How much of a platform's list must be there before what it lacks is made anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.exports.core.remote_list import beyond_doubt
from portal.platforms.contract import RemoteList, RemoteListing


def shows(*listing_ids: str) -> RemoteList:
    return RemoteList(tuple(RemoteListing(listing_id, "", "", "", "") for listing_id in listing_ids))


@given(known=st.integers(8, 300), sought=st.integers(0, 100))
def test_half_a_list_never_says_that_something_new_is_not_there(known: int, sought: int) -> None:
    """It begins with what is old, and all that is sought stands at its end."""
    there = [str(number) for number in range(known + sought)]
    half = shows(*there[: len(there) // 2])
    if sought <= known - 8:
        assert not beyond_doubt(half, there[:known], sought)


@given(known=st.integers(0, 300), sought=st.integers(0, 300))
def test_a_whole_list_says_so_however_much_is_sought(known: int, sought: int) -> None:
    there = [str(number) for number in range(known)]
    assert beyond_doubt(shows(*there), there, sought)


def test_what_a_dealer_has_deleted_there_bars_nothing() -> None:
    there = [str(number) for number in range(40)]
    assert beyond_doubt(shows(*there[:32]), there, 1)
