"""Tables of `runs`."""

revision: str = "0002_runs"
down_revision: str | None = "0001_events"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
