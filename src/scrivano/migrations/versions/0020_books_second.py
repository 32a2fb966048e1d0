"""Nothing yet."""

revision: str = "0020_books_second"
down_revision: str | None = "0019_assessment"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
