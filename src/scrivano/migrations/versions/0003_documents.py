"""Tables of `documents`."""

revision: str = "0003_documents"
down_revision: str | None = "0002_runs"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
