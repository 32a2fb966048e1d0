"""Tables of `music`."""

revision: str = "0009_music"
down_revision: str | None = "0008_books"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
