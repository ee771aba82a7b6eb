"""Pages follow the theme of the system where nobody has chosen the dark one

Revision ID: theme_of_the_system
Revises: access_token
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "theme_of_the_system"
down_revision = "access_token"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until now light was what everybody had who had chosen nothing.
    op.alter_column("user", "theme", server_default=sa.text("'auto'"))
    op.execute("""UPDATE "user" SET theme = 'auto' WHERE theme = 'light'""")


def downgrade() -> None:
    op.execute("""UPDATE "user" SET theme = 'light' WHERE theme = 'auto'""")
    op.alter_column("user", "theme", server_default=sa.text("'light'"))
