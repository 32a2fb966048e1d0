"""Tables of `music`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0009_music"
down_revision: str | None = "0008_books"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""
    moment = sa.TIMESTAMP(timezone=True)
    op.create_table(
        "songs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid()),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("genre", sa.Text(), nullable=False),
        sa.Column("settled", JSONB(), nullable=False),
        sa.Column("complexity", JSONB(), nullable=False),
        sa.Column("arrangement", JSONB()),
        sa.Column("made_by", sa.Text()),
        sa.Column("generation_method", sa.Text()),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("finished_at", moment),
        sa.PrimaryKeyConstraint("id", name="pk_songs"),
    )
    op.create_index("ix_songs_created_at", "songs", ["created_at"])
    op.create_table(
        "song_files",
        sa.Column("song_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("song_id", "name", name="pk_song_files"),
        sa.ForeignKeyConstraint(
            ["song_id"], ["songs.id"], ondelete="CASCADE", name="fk_song_files_song_id_songs"
        ),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("song_files")
    op.drop_table("songs")
