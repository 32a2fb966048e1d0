"""Tables of `assessment` and `training`: genres, scores, comparisons, and samples that come from authors."""

from alembic import op

revision: str = "0019_assessment"
down_revision: str | None = "0018_music_second"
branch_labels: None = None
depends_on: None = None

_DEFAULT = "00000000-0000-7000-8000-000000000001"


def upgrade() -> None:
    """Create them."""
    op.execute(
        f"""
        CREATE TABLE genres (
            slug text CONSTRAINT pk_genres PRIMARY KEY,
            version integer NOT NULL,
            content jsonb NOT NULL,
            shipped_hash text,
            changed_at timestamptz NOT NULL
        );
        CREATE TABLE scores (
            id uuid CONSTRAINT pk_scores PRIMARY KEY,
            project_id uuid NOT NULL DEFAULT '{_DEFAULT}',
            book_id uuid,
            chapter integer,
            document_id uuid,
            version integer,
            run_id text,
            round integer NOT NULL,
            model text NOT NULL,
            prompt_version text NOT NULL,
            niche text NOT NULL,
            genre text NOT NULL,
            score double precision NOT NULL,
            rubric_score double precision,
            combined double precision NOT NULL,
            words integer NOT NULL,
            kept boolean NOT NULL,
            created_at timestamptz NOT NULL,
            measures jsonb NOT NULL,
            criteria jsonb NOT NULL,
            findings jsonb NOT NULL
        );
        CREATE INDEX ix_scores_book_id ON scores (book_id, chapter, round);
        CREATE INDEX ix_scores_project_id ON scores (project_id, created_at);
        CREATE TABLE comparisons (
            id uuid CONSTRAINT pk_comparisons PRIMARY KEY,
            project_id uuid NOT NULL DEFAULT '{_DEFAULT}',
            name text NOT NULL,
            scope text NOT NULL CONSTRAINT ck_comparisons_scope CHECK (scope IN ('book', 'chapter')),
            run_id text NOT NULL,
            order_given jsonb NOT NULL,
            swapped boolean NOT NULL,
            chosen text CONSTRAINT ck_comparisons_chosen CHECK (chosen IN ('a', 'b', 'tie')),
            chosen_by text,
            reason text NOT NULL,
            verdict jsonb,
            created_by uuid,
            created_at timestamptz NOT NULL,
            chosen_at timestamptz
        );
        CREATE INDEX ix_comparisons_project_id ON comparisons (project_id, created_at);
        CREATE TABLE comparison_sides (
            comparison_id uuid NOT NULL CONSTRAINT fk_comparison_sides_comparison_id_comparisons
                REFERENCES comparisons (id) ON DELETE CASCADE,
            side text NOT NULL CONSTRAINT ck_comparison_sides_side CHECK (side IN ('a', 'b')),
            model text NOT NULL,
            prompts jsonb NOT NULL,
            book_id uuid,
            run_id text,
            text text NOT NULL,
            facts jsonb NOT NULL,
            report jsonb,
            CONSTRAINT pk_comparison_sides PRIMARY KEY (comparison_id, side)
        );
        CREATE TABLE training_samples (
            id uuid CONSTRAINT pk_training_samples PRIMARY KEY,
            project_id uuid NOT NULL DEFAULT '{_DEFAULT}',
            user_id uuid,
            kind text NOT NULL CONSTRAINT ck_training_samples_kind CHECK (kind IN ('choice', 'edit')),
            source text NOT NULL,
            domain text NOT NULL,
            niche text NOT NULL,
            language text NOT NULL,
            prompt text NOT NULL,
            chosen text NOT NULL,
            rejected text NOT NULL,
            facts jsonb NOT NULL,
            consent_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_training_samples_project_id_source UNIQUE (project_id, source)
        );
        CREATE INDEX ix_training_samples_project_id ON training_samples (project_id, created_at);
        CREATE TABLE training_consents (
            project_id uuid CONSTRAINT pk_training_consents PRIMARY KEY,
            choices boolean NOT NULL,
            edits boolean NOT NULL,
            given_by uuid,
            given_at timestamptz NOT NULL
        );
        """
    )


def downgrade() -> None:
    """Drop them."""
    for table in (
        "training_consents",
        "training_samples",
        "comparison_sides",
        "comparisons",
        "scores",
        "genres",
    ):
        op.execute(f"DROP TABLE {table}")
