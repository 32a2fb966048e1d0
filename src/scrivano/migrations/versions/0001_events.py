"""Tables of `events`."""

from alembic import op

revision: str = "0001_events"
down_revision: str | None = None
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them, and the one function that appends.

    It is a function of the database so that triggers append in the same way as the program does. The row of
    a topic is its lock: whoever takes number n has committed before anybody takes n + 1, so a reader who has
    seen n has seen all before it. Topics are locked in sorted order: no two appends wait for each other.
    """
    op.execute(
        """
        CREATE TABLE event_topics (
            topic text CONSTRAINT pk_event_topics PRIMARY KEY,
            last_id bigint NOT NULL
        );
        CREATE TABLE events (
            topic text NOT NULL,
            id bigint NOT NULL,
            kind text NOT NULL,
            data jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT pk_events PRIMARY KEY (topic, id)
        );
        CREATE FUNCTION events_append(topics text[], kind text, data jsonb) RETURNS void
        LANGUAGE plpgsql AS $$
        DECLARE
            one text;
            number bigint;
        BEGIN
            FOR one IN SELECT DISTINCT unnest(topics) ORDER BY 1 LOOP
                INSERT INTO event_topics AS t (topic, last_id) VALUES (one, 1)
                ON CONFLICT (topic) DO UPDATE SET last_id = t.last_id + 1
                RETURNING last_id INTO number;
                INSERT INTO events (topic, id, kind, data)
                VALUES (one, number, events_append.kind, events_append.data);
                PERFORM pg_notify('scrivano_events', one);
            END LOOP;
        END $$;
        """
    )


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP FUNCTION events_append(text[], text, jsonb); DROP TABLE events; DROP TABLE event_topics")
