"""Many keys as one parameter: a list of a thousand in a statement takes longer to write than to answer."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute


def among(column: InstrumentedAttribute[UUID], keys: Collection[UUID]) -> ColumnElement[bool]:
    return column == any_(literal(list(keys), ARRAY(Uuid)))
