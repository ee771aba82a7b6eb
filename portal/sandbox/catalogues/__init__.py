"""Catalogues that fetch whole stocks as feeds: Google, Meta, TikTok, Microsoft.

Each reads a feed as its operator documents it (docs/protocols.md), and shows what is wrong with a row.
"""

from __future__ import annotations

from portal.sandbox.catalogues.google import GOOGLE
from portal.sandbox.catalogues.meta import META, TIKTOK
from portal.sandbox.catalogues.microsoft import MICROSOFT

CATALOGUES = {one.slug: one for one in (GOOGLE, META, TIKTOK, MICROSOFT)}
"""By the slugs of the portal's apps."""
