"""What the programs of `make run` have in common. Importing this is the life of the fork server: it loads,
ends with the launcher, and hands all of it on to its forks.
"""

from __future__ import annotations

import gc
import os

import portal.application
import portal.demo.listings
import portal.demo.load
import portal.exports.jobs
import portal.live.server
import portal.web_worker
from portal.launching.children import die_with_parent

__all__ = ["portal"]

os.setsid()  # what is sent to the terminal's group is the launcher's to pass on
die_with_parent()
# What is here stays. Looking through it for garbage would write to each page of it, in every fork.
gc.collect()
gc.freeze()
