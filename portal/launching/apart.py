"""The first thing that the fork server loads: it stands apart from the terminal and ends with the launcher.

What is sent to the terminal's group, Ctrl-C above all, is the launcher's to pass on.
"""

from __future__ import annotations

import os

from portal.launching.children import die_with_parent

os.setsid()
die_with_parent()
