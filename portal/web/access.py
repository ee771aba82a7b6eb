"""Who may do what: every route is marked, every object is loaded through a check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import Any, NoReturn, ParamSpec, TypeVar
from uuid import UUID

from flask import abort, g, make_response, render_template, request
from flask_login import current_user
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.audit import Who
from portal.extensions import db, login_manager
from portal.models import (
    Activation,
    ApiKey,
    Dealer,
    KnownModel,
    Location,
    Lock,
    Run,
    StockLayout,
    StockSource,
    StockUpload,
    SupportSession,
    Transfer,
    User,
    Vehicle,
    VehicleImport,
    WebhookEndpoint,
)
from portal.models.accounts import RIGHTS
from portal.models.realm import Realm
from portal.vehicles.known_models import works_everywhere
from portal.web import one_state, support_session

P = ParamSpec("P")
R = TypeVar("R")


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Anyone, also without a login."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def machine(view: Callable[P, R]) -> Callable[P, R]:
    """A program with a secret of its own: a token in the address, a key in a header. The view checks it."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        return one_state.answered(view, *args, **kwargs)

    checked.access = "machine"  # type: ignore[attr-defined]
    return checked


def dealer(right: str = "view") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A logged-in user of a dealer who has this right; 403 without it."""
    if right not in RIGHTS:
        raise ValueError(f"unknown right {right}")

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            require(right)
            return one_state.answered(view, *args, **kwargs)

        checked.access = f"dealer:{right}"  # type: ignore[attr-defined]
        return checked

    return mark


def account(view: Callable[P, R]) -> Callable[P, R]:
    """Anyone who is logged in, for their own account."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if not current_user.is_authenticated:
            _to_login()
        return one_state.answered(view, *args, **kwargs)

    checked.access = "account"  # type: ignore[attr-defined]
    return checked


def support(view: Callable[P, R]) -> Callable[P, R]:
    """Support agents, in their own area."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if not current_user.is_authenticated:
            _to_login()
        if not support_session.is_agent():
            abort(403)
        return one_state.answered(view, *args, **kwargs)

    checked.access = "support"  # type: ignore[attr-defined]
    return checked


def require(right: str) -> None:
    """Let in who has this right: a user of the dealer, or an agent in a support session."""
    if not current_user.is_authenticated:
        _to_login()
    if ongoing := support_session.current():
        if reason := support_session.refusal_of_request(ongoing, right):
            abort(make_response(render_template("support/refused.html", reason=reason), 403))
        return
    if not support_session.may(right):
        abort(403)


def _to_login() -> NoReturn:
    abort(login_manager.unauthorized())


def current_dealer() -> Dealer:
    """The dealer this request acts for, loaded once per request."""
    if "dealer" not in g:
        g.dealer = support_session.dealer_of_request() or abort(404)
    return g.dealer  # type: ignore[no-any-return]


def current_realm() -> Realm:
    """What the user may see of the current dealer. Every query for a list goes by it."""
    return Realm(current_dealer().id, support_session.locations())


def find_locations() -> Sequence[Location]:
    """The locations of the user, by their codes."""
    mine = select(Location).where(current_realm().of(Location)).order_by(Location.code)
    return db.session.scalars(mine).all()


def current_locations() -> Sequence[Location]:
    """The locations of the user, read once per request."""
    if "locations" not in g:
        g.locations = find_locations()
    return g.locations  # type: ignore[no-any-return]


def chosen_location() -> Location | None:
    """The one that the address narrows a list to."""
    wanted = request.args.get("location", "")
    if not wanted:
        return None
    return next((place for place in current_locations() if str(place.id) == wanted), None)


def chosen_realm() -> Realm:
    """What a list shows that can be narrowed to a location."""
    place = chosen_location()
    return current_realm().at(place.id if place else None)


def require_everywhere() -> None:
    """For what holds at every location: who sees only some of them may not."""
    if not works_everywhere(db.session(), current_realm()):
        abort(403)


def who() -> Who:
    """Who acts in this request, for the audit log."""
    user = current_user if current_user.is_authenticated else None
    ongoing = support_session.current()
    return Who(
        user_id=user.id if user else None,
        name=user.display_name if user else "",
        support_session_id=ongoing.id if ongoing else None,
        address=request.remote_addr or "",
    )


def _load(kind: Any, key: UUID, *options: Any) -> Any:
    statement = _of_key(kind, current_realm()).options(*options)
    return db.session.scalars(statement, {"key": key}).one_or_none() or abort(404)


@lru_cache(256)
def _of_key(kind: Any, realm: Realm) -> Select[Any]:
    """Remembered for those who are here right now."""
    return select(kind).where(kind.id == bindparam("key"), realm.owns(kind))


def load_vehicle(key: UUID, *options: Any) -> Vehicle:
    """A vehicle of the current dealer at a location of the user; 404 for any other."""
    return _load(Vehicle, key, *options)  # type: ignore[no-any-return]


def load_activation(key: UUID, *options: Any) -> Activation:
    return _load(Activation, key, *options)  # type: ignore[no-any-return]


def load_api_key(key: UUID) -> ApiKey:
    return _load(ApiKey, key)  # type: ignore[no-any-return]


def load_webhook(key: UUID, *options: Any) -> WebhookEndpoint:
    return _load(WebhookEndpoint, key, *options)  # type: ignore[no-any-return]


def load_user(key: UUID) -> User:
    """A user of the current dealer who was not deleted."""
    found: User = _load(User, key)
    return abort(404) if found.deleted_at else found


def load_support_session(key: UUID) -> SupportSession:
    """A support session at the current dealer."""
    return _load(SupportSession, key, joinedload(SupportSession.agent))  # type: ignore[no-any-return]


def load_location(key: UUID) -> Location:
    return _load(Location, key)  # type: ignore[no-any-return]


def load_import(key: UUID, *options: Any) -> VehicleImport:
    return _load(VehicleImport, key, *options)  # type: ignore[no-any-return]


def load_stock_layout(key: UUID) -> StockLayout:
    return _load(StockLayout, key)  # type: ignore[no-any-return]


def load_known_model(key: UUID) -> KnownModel:
    return _load(KnownModel, key)  # type: ignore[no-any-return]


def load_stock_upload(key: UUID, *options: Any) -> StockUpload:
    return _load(StockUpload, key, *options)  # type: ignore[no-any-return]


def load_source(key: UUID, *options: Any) -> StockSource:
    return _load(StockSource, key, *options)  # type: ignore[no-any-return]


def load_transfer(activation: Activation, key: UUID) -> Transfer:
    """A transfer of an activation that was itself loaded through the check."""
    statement = select(Transfer).where(Transfer.id == key, Transfer.activation_id == activation.id)
    return db.session.scalars(statement).one_or_none() or abort(404)


def load_lock(activation: Activation, key: str) -> Lock | None:
    """The lock that a form names, of an activation that was itself loaded through the check; 404 for one
    of another, None where the form names none."""
    if not key:
        return None
    try:
        wanted = UUID(key)
    except ValueError:
        abort(404)
    statement = select(Lock).where(Lock.id == wanted, Lock.activation_id == activation.id)
    return db.session.scalars(statement).one_or_none() or abort(404)


def load_run(activation_id: UUID, key: UUID) -> Run:
    """A run, who asked for it, and its activation, which is loaded through the check with it."""
    with_activation = contains_eager(Run.activation).options(joinedload(Activation.location))
    statement = (
        select(Run)
        .join(Run.activation)
        .where(Run.id == key, Run.activation_id == activation_id, current_realm().owns(Activation))
        .options(with_activation, joinedload(Run.user))
    )
    return db.session.scalars(statement).one_or_none() or abort(404)


def may(right: str) -> bool:
    """For templates: show a button only to those who may press it."""
    return support_session.may(right)
