"""The audit log as people read it: its words, the page with its filter, what was done at one app."""

from portal.blueprints.audit import of_app
from portal.blueprints.audit.base import blueprint

__all__ = ["blueprint", "of_app"]
