"""Runs of file apps: their history, one run with the vehicles behind its numbers, the file, the schedule."""

from portal.blueprints.file_runs import acting, pages
from portal.blueprints.file_runs.base import blueprint
from portal.blueprints.history import HISTORIES
from portal.blueprints.my_apps.base import RUN_PAGES
from portal.models.exports import AppKind, RunKind

HISTORIES[AppKind.FILE] = pages.history_page
RUN_PAGES[RunKind.FILE] = pages.run_page

__all__ = ["acting", "blueprint", "pages"]
