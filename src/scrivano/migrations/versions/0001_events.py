"""Tables of `events`."""

revision: str = "0001_events"
down_revision: str | None = None
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
