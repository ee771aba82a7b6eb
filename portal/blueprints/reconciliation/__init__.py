"""The reconciliation as people meet it: what matches, what is only here, what is only there."""

from portal.blueprints.reconciliation import pages, panel
from portal.blueprints.reconciliation.base import blueprint

__all__ = ["blueprint", "pages", "panel"]
