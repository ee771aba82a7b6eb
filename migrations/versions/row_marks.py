"""A vehicle knows the row of the stock file that it comes from

Revision ID: row_marks
Revises: preview_numbers
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "row_marks"
down_revision = "preview_numbers"
branch_labels = None
depends_on = None

FORGET = """
CREATE OR REPLACE FUNCTION vehicle_forget_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.row_mark := NULL;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER vehicle_forget_row BEFORE UPDATE ON vehicle FOR EACH ROW WHEN (
    OLD.row_mark IS NOT NULL AND NEW.row_mark IS NOT DISTINCT FROM OLD.row_mark
    AND (NEW.data IS DISTINCT FROM OLD.data OR NEW.location_id <> OLD.location_id))
    EXECUTE FUNCTION vehicle_forget_row();
"""


def upgrade() -> None:
    op.add_column("vehicle", sa.Column("row_mark", sa.LargeBinary))
    op.create_table(
        "import_memory",
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("layout_key", sa.String(32), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("stated", ARRAY(sa.Text), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name="fk_import_memory_location_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("location_id", "layout_key", name="pk_import_memory"),
    )
    op.execute(FORGET)


def downgrade() -> None:
    op.execute("DROP TRIGGER vehicle_forget_row ON vehicle")
    op.execute("DROP FUNCTION vehicle_forget_row()")
    op.drop_table("import_memory")
    op.drop_column("vehicle", "row_mark")
