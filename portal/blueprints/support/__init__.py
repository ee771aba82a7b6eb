"""Support: agents find a dealer, visit him with a reason, and leave a trace of every request."""

from portal.blueprints.support import audit_log, banner, numbers, search, visiting
from portal.blueprints.support.base import blueprint

__all__ = ["audit_log", "banner", "blueprint", "numbers", "search", "visiting"]
