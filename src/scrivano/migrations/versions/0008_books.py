"""Tables of `books`."""

revision: str = "0008_books"
down_revision: str | None = "0007_references"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
