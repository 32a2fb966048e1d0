"""Tables of `accounts`: API keys."""

from alembic import op

revision: str = "0010_accounts"
down_revision: str | None = "0009_music"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""
    op.execute(
        """
        CREATE TABLE api_keys (
            id uuid CONSTRAINT pk_api_keys PRIMARY KEY,
            name text NOT NULL,
            prefix text NOT NULL,
            hash bytea NOT NULL CONSTRAINT uq_api_keys_hash UNIQUE,
            scopes text[] NOT NULL,
            project_id text,
            user_id text,
            created_at timestamptz NOT NULL,
            expires_at timestamptz,
            last_used_at timestamptz,
            revoked_at timestamptz
        )
        """
    )


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE api_keys")
