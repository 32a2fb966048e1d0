"""Nothing yet."""

revision: str = "0013_documents_second"
down_revision: str | None = "0012_people"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
