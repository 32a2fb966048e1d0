"""Tables of `references`: uploaded files, what they were read as, their passages, and what used these."""

from alembic import op

revision: str = "0014_references_second"
down_revision: str | None = "0013_documents_second"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Create them."""
    op.execute(
        """
        CREATE TABLE reference_originals (
            sha256 text CONSTRAINT pk_reference_originals PRIMARY KEY,
            content bytea NOT NULL
        );
        -- Most formats are compressed already.
        ALTER TABLE reference_originals ALTER COLUMN content SET STORAGE EXTERNAL;
        CREATE TABLE reference_files (
            id uuid CONSTRAINT pk_reference_files PRIMARY KEY,
            project_id uuid NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001',
            name text NOT NULL,
            title text NOT NULL,
            kind text NOT NULL CONSTRAINT ck_reference_files_kind CHECK (kind IN (
                'character', 'style guide', 'world-building', 'timeline', 'research', 'glossary', 'other')),
            status text NOT NULL CONSTRAINT ck_reference_files_status
                CHECK (status IN ('converting', 'ready', 'failed')),
            problem jsonb,
            media_type text NOT NULL,
            sha256 text NOT NULL
                CONSTRAINT fk_reference_files_sha256_reference_originals REFERENCES reference_originals (sha256),
            size bigint NOT NULL,
            language text NOT NULL,
            configuration text NOT NULL,
            words integer NOT NULL,
            passages integer NOT NULL,
            page_starts jsonb NOT NULL,
            text text NOT NULL,
            from_chapter integer,
            embedding_model text,
            run_id text,
            created_by uuid,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT uq_reference_files_project_id_name UNIQUE (project_id, name)
        );
        CREATE INDEX ix_reference_files_sha256 ON reference_files (sha256);
        CREATE TABLE reference_passages (
            reference_id uuid NOT NULL CONSTRAINT fk_reference_passages_reference_id_reference_files
                REFERENCES reference_files (id) ON DELETE CASCADE,
            number integer NOT NULL,
            begins integer NOT NULL,
            ends integer NOT NULL,
            kind text NOT NULL,
            headings jsonb NOT NULL,
            page integer,
            from_chapter integer,
            text text NOT NULL,
            search tsvector NOT NULL,
            vector bytea,
            CONSTRAINT pk_reference_passages PRIMARY KEY (reference_id, number)
        );
        CREATE INDEX ix_reference_passages_search ON reference_passages USING gin (search);
        CREATE TABLE reference_uses (
            reference_id uuid NOT NULL CONSTRAINT fk_reference_uses_reference_id_reference_files
                REFERENCES reference_files (id) ON DELETE CASCADE,
            passage integer NOT NULL,
            feature text NOT NULL,
            item_id text NOT NULL,
            place text NOT NULL,
            request_id uuid,
            used_at timestamptz NOT NULL,
            CONSTRAINT pk_reference_uses PRIMARY KEY (reference_id, passage, feature, item_id, place)
        );
        """
    )


def downgrade() -> None:
    """Drop them."""
    op.execute(
        "DROP TABLE reference_uses; DROP TABLE reference_passages;"
        " DROP TABLE reference_files; DROP TABLE reference_originals"
    )
