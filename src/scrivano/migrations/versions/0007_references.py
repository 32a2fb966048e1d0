"""Tables of `references`."""

revision: str = "0007_references"
down_revision: str | None = "0006_packs"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
