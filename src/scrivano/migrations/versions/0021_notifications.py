"""Nothing yet."""

revision: str = "0021_notifications"
down_revision: str | None = "0020_books_second"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
