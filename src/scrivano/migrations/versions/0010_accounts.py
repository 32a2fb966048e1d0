"""Tables of `accounts`."""

revision: str = "0010_accounts"
down_revision: str | None = "0009_music"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
