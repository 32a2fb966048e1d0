"""Tables of `packs`."""

revision: str = "0006_packs"
down_revision: str | None = "0005_prompts"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
