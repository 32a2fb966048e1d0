"""Tables of `music`: what people choose, how songs are undone, what is counted; what a song is made from."""

from alembic import op

revision: str = "0022_music_taste"
down_revision: str | None = "0021_notifications"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them. Songs that are there are counted as made, and their versions belong to them from now on."""
    op.execute(
        """
        ALTER TABLE songs ADD COLUMN material jsonb;
        ALTER TABLE songs ADD COLUMN history jsonb NOT NULL DEFAULT '{}';
        ALTER TABLE songs ADD COLUMN notes text[] NOT NULL DEFAULT '{}';
        ALTER TABLE songs ADD COLUMN personal boolean NOT NULL DEFAULT false;
        CREATE TABLE songs_made (
            song_id uuid CONSTRAINT pk_songs_made PRIMARY KEY,
            genre text NOT NULL,
            made_by text NOT NULL,
            finished_at timestamptz NOT NULL
        );
        CREATE INDEX ix_songs_made_finished_at ON songs_made (finished_at);
        INSERT INTO songs_made (song_id, genre, made_by, finished_at)
        SELECT id, genre, coalesce(made_by, 'rules'), finished_at FROM songs WHERE finished_at IS NOT NULL;
        UPDATE documents SET owner_feature = 'music', owner_id = id::text
        WHERE kind = 'song' AND owner_feature IS NULL AND id IN (SELECT id FROM songs);
        CREATE TABLE music_tastes (
            person_id uuid CONSTRAINT pk_music_tastes PRIMARY KEY,
            shares boolean NOT NULL,
            level integer,
            weights double precision[],
            updated_at timestamptz NOT NULL
        );
        CREATE TABLE music_choices (
            id uuid CONSTRAINT pk_music_choices PRIMARY KEY,
            person_id uuid NOT NULL,
            song_id uuid CONSTRAINT fk_music_choices_song_id_songs REFERENCES songs (id) ON DELETE SET NULL,
            bar integer NOT NULL,
            action text NOT NULL,
            symbol text NOT NULL,
            instead_of text,
            situation jsonb NOT NULL,
            options jsonb NOT NULL,
            created_at timestamptz NOT NULL
        );
        CREATE INDEX ix_music_choices_person_id ON music_choices (person_id, created_at);
        CREATE INDEX ix_music_choices_song_id ON music_choices (song_id);
        CREATE TABLE song_reactions (
            id uuid CONSTRAINT pk_song_reactions PRIMARY KEY,
            song_id uuid CONSTRAINT fk_song_reactions_song_id_songs REFERENCES songs (id) ON DELETE SET NULL,
            person_id uuid NOT NULL,
            bar integer NOT NULL,
            kind text NOT NULL,
            played integer NOT NULL,
            created_at timestamptz NOT NULL
        );
        CREATE UNIQUE INDEX uq_song_reactions_song_id ON song_reactions (song_id, person_id, bar);
        CREATE INDEX ix_song_reactions_person_id ON song_reactions (person_id, created_at);
        """
    )


def downgrade() -> None:
    """Drop them."""
    op.execute(
        "DROP TABLE song_reactions; DROP TABLE music_choices; DROP TABLE music_tastes; DROP TABLE songs_made;"
        " UPDATE documents SET owner_feature = NULL, owner_id = NULL WHERE kind = 'song' AND owner_feature = 'music';"
        " ALTER TABLE songs DROP COLUMN personal; ALTER TABLE songs DROP COLUMN notes;"
        " ALTER TABLE songs DROP COLUMN history; ALTER TABLE songs DROP COLUMN material"
    )
