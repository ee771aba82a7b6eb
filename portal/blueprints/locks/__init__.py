"""The lock as people meet it: the panel of the app, and the page behind the link in the mail."""

from portal.blueprints.locks import panel, unlock
from portal.blueprints.locks.base import blueprint

__all__ = ["blueprint", "panel", "unlock"]
