"""Nothing yet."""

revision: str = "0014_references_second"
down_revision: str | None = "0013_documents_second"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
