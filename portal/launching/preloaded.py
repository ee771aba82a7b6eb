"""What the programs of `make run` have in common: loaded once, by the fork server."""

from __future__ import annotations

import gc

import portal.application
import portal.demo.listings
import portal.demo.load
import portal.drop_folders.server
import portal.exports.jobs
import portal.launching.children
import portal.live.server
import portal.web_worker

__all__ = ["portal"]

# What is here stays. Looking through it for garbage would write to each page of it, in every fork.
gc.collect()
gc.freeze()
