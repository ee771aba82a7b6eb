"""Konto: what a user sets for himself, his logins, his second factor."""

from portal.blueprints.account import logins, profile, required, second_factor
from portal.blueprints.account.base import blueprint

__all__ = ["blueprint", "logins", "profile", "required", "second_factor"]
