"""A customer number belongs to one dealer, and somebody vouched for it.

Without that, whoever knows a number (it stands in every listing) could have its stock read and deleted.
The operator binds a number to a dealer, or the platform's own master data do where they name the very
company that the portal knows. The caller commits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal import audit
from portal.audit import Who
from portal.models.accounts import Dealer, Location
from portal.models.customer_numbers import CustomerNumber, NumberState
from portal.platforms.contract import Account, ExportApp

LEGAL_FORMS = frozenset(
    (
        *("gmbh", "mbh", "ag", "kg", "ohg", "gbr", "ug", "ek", "ev", "se", "co", "cokg", "und"),
        *("inh", "inhaber", "haftungsbeschraenkt"),
    )
)
"""Words of a company's name that are written in one place and left out in the next."""
LETTERS = str.maketrans({"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "&": " "})
"""The spellings that a name has where there are no umlauts, beside the ampersand that stands for "und"."""


MOST_REQUESTS = 20
"""Open at a time for one dealer."""


class BoundElsewhere(Exception):
    """The number is bound to another dealer, who has to be released first."""


class TooManyRequests(Exception):
    """The dealer has asked for so many numbers that somebody should look first."""


class NotBound(Exception):
    """Nobody vouched for it that this number is the dealer's: nothing of it is shown, read or activated."""


def has_owner(app: ExportApp) -> bool:
    """Whether the app's numbers are given by a platform, so that each belongs to one dealer. Numbers that
    a dealer agrees with a receiver of their own prove nothing and reach nobody else."""
    asks = any(field.type == "customer_number" for field in app.fields)
    return asks and app.vouched_numbers and not app.own_numbers


def hold_number(session: Session, platform: str, number: str) -> None:
    """Until the commit nobody else binds, releases or activates this number."""
    key = func.hashtextextended(f"{platform} {number}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def owner_of(session: Session, platform: str, number: str) -> UUID | None:
    return session.scalar(
        select(CustomerNumber.dealer_id).where(
            CustomerNumber.platform == platform,
            CustomerNumber.number == number,
            CustomerNumber.state == NumberState.BOUND,
        )
    )


def demand_bound(session: Session, app: ExportApp, dealer_id: UUID, number: str) -> None:
    """Raises NotBound. The one question that everything asks which shows, reads or sends under a number."""
    if has_owner(app) and owner_of(session, app.platform, number) != dealer_id:
        raise NotBound(number)


def request_number(session: Session, who: Who, dealer_id: UUID, platform: str, number: str) -> None:
    """Ask the operator. A second time, or for a number that is bound already, changes nothing.

    Raises TooManyRequests.
    """
    if owner_of(session, platform, number) == dealer_id:
        return
    open_of_dealer = CustomerNumber.dealer_id == dealer_id, CustomerNumber.state == NumberState.REQUESTED
    if (session.scalar(select(func.count()).where(*open_of_dealer)) or 0) >= MOST_REQUESTS:
        raise TooManyRequests
    row = insert(CustomerNumber).values(
        platform=platform, number=number, dealer_id=dealer_id, requested_by=str(who.name)[:200]
    )
    added = session.scalar(row.on_conflict_do_nothing().returning(CustomerNumber.id))
    if added:
        _log(session, who, "customer_number.requested", dealer_id, platform, number)


def bind_number(
    session: Session, who: Who, dealer_id: UUID, platform: str, number: str, grounds: str
) -> CustomerNumber:
    """Vouch for it that the number is this dealer's; a request of theirs is answered by it.

    The same a second time changes nothing. Raises BoundElsewhere.
    """
    hold_number(session, platform, number)
    bound = _find(session, platform, number, NumberState.BOUND)
    if bound is not None:
        if bound.dealer_id != dealer_id:
            raise BoundElsewhere(number)
        return bound
    row = _find(session, platform, number, NumberState.REQUESTED, dealer_id)
    if row is None:
        row = CustomerNumber(platform=platform, number=number, dealer_id=dealer_id)
        session.add(row)
    row.state, row.grounds = NumberState.BOUND, grounds
    row.decided_by, row.decided_at = str(who.name)[:200], func.now()
    session.flush()
    _log(session, who, "customer_number.bound", dealer_id, platform, number, grounds=grounds)
    return row


def refuse_number(session: Session, who: Who, row: CustomerNumber) -> bool:
    """False: somebody has decided it meanwhile."""
    decided = session.scalar(
        update(CustomerNumber)
        .where(CustomerNumber.id == row.id, CustomerNumber.state == NumberState.REQUESTED)
        .values(state=NumberState.REFUSED, decided_by=str(who.name)[:200], decided_at=func.now())
        .returning(CustomerNumber.id)
    )
    if decided:
        _log(session, who, "customer_number.refused", row.dealer_id, row.platform, row.number)
    return decided is not None


def end_binding(session: Session, who: Who, row: CustomerNumber) -> bool:
    """The number is free again. What is live under it is stopped by `release_number` (activation.py).

    False: it is not bound any more.
    """
    hold_number(session, row.platform, row.number)
    ended = session.scalar(
        update(CustomerNumber)
        .where(CustomerNumber.id == row.id, CustomerNumber.state == NumberState.BOUND)
        .values(state=NumberState.RELEASED, released_by=str(who.name)[:200], released_at=func.now())
        .returning(CustomerNumber.id)
    )
    if ended:
        _log(session, who, "customer_number.released", row.dealer_id, row.platform, row.number)
    return ended is not None


def bind_by_master_data(session: Session, app: ExportApp, dealer: Dealer, account: Account) -> bool:
    """Bind a number that nobody has, where the platform names the dealer's own company and postcode."""
    if owner_of(session, app.platform, account.customer_number) is not None:
        return False
    places = session.scalars(select(Location.postal_code).where(Location.dealer_id == dealer.id))
    if not is_same_company(dealer.name, places.all(), account.company_name, account.postal_code):
        return False
    try:
        bind_number(session, audit.PORTAL, dealer.id, app.platform, account.customer_number, "master_data")
    except BoundElsewhere:
        return False
    return True


def is_same_company(name: str, postal_codes: Iterable[str], company: str, postal_code: str) -> bool:
    """Whether two entries name one company: the same words, legal forms aside, at the same postcode.

    Either missing is no agreement.
    """
    words = _words(name)
    places = {_digits(code) for code in postal_codes} - {""}
    return bool(words) and words == _words(company) and _digits(postal_code) in places


def _words(name: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFC", name).casefold().replace(".", "").translate(LETTERS)
    return frozenset(re.findall(r"\w+", plain)) - LEGAL_FORMS


def _digits(postal_code: str) -> str:
    return "".join(letter for letter in postal_code if letter.isdigit())


def open_requests(session: Session) -> Sequence[CustomerNumber]:
    """What waits for the operator, the oldest first."""
    waiting = select(CustomerNumber).where(CustomerNumber.state == NumberState.REQUESTED)
    return session.scalars(
        waiting.options(joinedload(CustomerNumber.dealer)).order_by(CustomerNumber.id)
    ).all()


def history_of(session: Session, platform: str, number: str) -> Sequence[CustomerNumber]:
    """All claims to a number, the newest first."""
    claims = select(CustomerNumber).where(
        CustomerNumber.platform == platform, CustomerNumber.number == number
    )
    return session.scalars(
        claims.options(joinedload(CustomerNumber.dealer)).order_by(CustomerNumber.id.desc())
    ).all()


def find_bound(session: Session, text: str, most: int) -> Sequence[CustomerNumber]:
    """Bound numbers by number or dealer, the newest first."""
    statement = (
        select(CustomerNumber)
        .join(CustomerNumber.dealer)
        .options(contains_eager(CustomerNumber.dealer))
        .where(CustomerNumber.state == NumberState.BOUND)
        .order_by(CustomerNumber.decided_at.desc(), CustomerNumber.id.desc())
        .limit(most)
    )
    if text:
        named = (CustomerNumber.number, Dealer.name, Dealer.key)
        statement = statement.where(or_(*(column.icontains(text, autoescape=True) for column in named)))
    return session.scalars(statement).all()


def _find(
    session: Session, platform: str, number: str, state: NumberState, dealer_id: UUID | None = None
) -> CustomerNumber | None:
    statement = select(CustomerNumber).where(
        CustomerNumber.platform == platform, CustomerNumber.number == number, CustomerNumber.state == state
    )
    if dealer_id:
        statement = statement.where(CustomerNumber.dealer_id == dealer_id)
    return session.scalar(statement.with_for_update())


def _log(
    session: Session, who: Who, what: str, dealer_id: UUID, platform: str, number: str, **detail: str
) -> None:
    known = {"platform": platform, "number": number, **detail}
    audit.log(session, who, what, dealer_id=dealer_id, label=number, detail=known)
