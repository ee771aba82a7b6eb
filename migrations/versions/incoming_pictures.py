"""Pictures that came with a file and wait for their turn

Revision ID: incoming_pictures
Revises: mails_and_people
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "incoming_pictures"
down_revision = "mails_and_people"
branch_labels = None
depends_on = None
COUNTS = ("pictures", "pictures_refused")


def upgrade() -> None:
    for name in COUNTS:
        op.add_column(
            "vehicle_import", sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
        )
    op.create_table(
        "incoming_picture",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("offer_number", sa.String(80), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("given_sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        _created(),
        sa.ForeignKeyConstraint(
            ["import_id"], ["vehicle_import.id"], name="fk_incoming_picture_import_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.id"], name="fk_incoming_picture_vehicle_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sha256"], ["image_blob.sha256"], name="fk_incoming_picture_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_incoming_picture"),
    )
    op.create_index("ix_incoming_picture_vehicle", "incoming_picture", ["vehicle_id"])
    op.create_index("ix_incoming_picture_import", "incoming_picture", ["import_id"])
    waiting = sa.text("content IS NOT NULL")
    op.create_index("ix_incoming_picture_content", "incoming_picture", ["id"], postgresql_where=waiting)


def downgrade() -> None:
    op.drop_table("incoming_picture")
    for name in COUNTS:
        op.drop_column("vehicle_import", name)


def _created() -> sa.Column[object]:
    return sa.Column(
        "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )
