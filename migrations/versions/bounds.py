"""Texts and lists of vehicles within the bounds that they have from now on

Revision ID: bounds
Revises: stock_layouts
"""

from __future__ import annotations

from alembic import op

revision = "bounds"
down_revision = "stock_layouts"
branch_labels = None
depends_on = None

LISTS = (
    "equipment,standard",
    "equipment,optional",
    "equipment,other",
    "battery,plug_types",
    "highlights",
)
MOST_LINES, LONGEST_LINE, LONGEST_NAME = 500, 500, 120
TEXTS = ("category_label", "financing,0,bank", "financing,1,bank", "leasing,bank")
CONTROL = "[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]"

SPELLED = "(?<!\\\\)\\\\(u00(0[1-8bef]|1[0-9a-f])|[bf])|[\\u007f-\\u009f]"
"""Control characters but tabs and line breaks, as the text of a JSON document spells them."""


def upgrade() -> None:
    """What could not be read any more is cut. A number with control characters gets others in their place,
    and an ending of its own."""
    for path in LISTS:
        op.execute(_cut_list(path))
    for path in TEXTS:
        op.execute(f"""
            UPDATE vehicle
            SET data = jsonb_set(data, '{{{path}}}', to_jsonb(left(data #>> '{{{path}}}', {LONGEST_NAME})))
            WHERE length(data #>> '{{{path}}}') > {LONGEST_NAME}""")
    op.execute(f"""
        UPDATE vehicle SET data = jsonb_set(data, '{{offer_number}}', to_jsonb(
            left(regexp_replace(data ->> 'offer_number', '{CONTROL}', '_', 'g'), 31) || '-' || right(id::text, 8)))
        WHERE data ->> 'offer_number' ~ '{CONTROL}'""")
    op.execute("UPDATE vehicle SET data = data - 'confirmed' WHERE jsonb_array_length(data -> 'confirmed') > 200")
    op.execute(f"""
        UPDATE vehicle SET data = regexp_replace(data::text, '{SPELLED}', '', 'g')::jsonb
        WHERE data::text ~ '{SPELLED}'""")


def _cut_list(path: str) -> str:
    lines = f"jsonb_array_elements_text(data #> '{{{path}}}') WITH ORDINALITY AS entry(line, place)"
    return f"""
        UPDATE vehicle SET data = jsonb_set(data, '{{{path}}}', (
            SELECT jsonb_agg(left(line, {LONGEST_LINE}) ORDER BY place) FROM {lines}
            WHERE place <= {MOST_LINES}))
        WHERE jsonb_typeof(data #> '{{{path}}}') = 'array' AND (
            jsonb_array_length(data #> '{{{path}}}') > {MOST_LINES}
            OR EXISTS (SELECT FROM {lines} WHERE length(line) > {LONGEST_LINE}))"""


def downgrade() -> None:
    """What was cut is gone."""
