"""Tables of `prompts`: parts and templates, their immutable versions, and the labels on those."""

from alembic import op

revision: str = "0005_prompts"
down_revision: str | None = "0004_llm"
branch_labels: None = None
depends_on: None = None

_AUTHORS = "('starter', 'person', 'import')"

_UP = (
    """
    CREATE TABLE prompt_parts (
        id uuid NOT NULL,
        name text NOT NULL,
        kind text NOT NULL,
        description text NOT NULL,
        tags text[] NOT NULL,
        sort_order integer NOT NULL,
        language text NOT NULL,
        archived_at timestamptz,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_prompt_parts PRIMARY KEY (id),
        CONSTRAINT uq_prompt_parts_name UNIQUE (name),
        CONSTRAINT ck_prompt_parts_kind
            CHECK (kind IN ('system', 'style', 'task', 'data', 'example', 'format', 'guard'))
    )
    """,
    f"""
    CREATE TABLE prompt_part_versions (
        id uuid NOT NULL,
        part_id uuid NOT NULL,
        number integer NOT NULL,
        text text NOT NULL,
        variables jsonb NOT NULL,
        content_hash text NOT NULL,
        note text NOT NULL,
        author_kind text NOT NULL,
        author_id text,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_prompt_part_versions PRIMARY KEY (id),
        CONSTRAINT fk_prompt_part_versions_part_id_prompt_parts
            FOREIGN KEY (part_id) REFERENCES prompt_parts (id),
        CONSTRAINT uq_prompt_part_versions_part_id_number UNIQUE (part_id, number),
        CONSTRAINT uq_prompt_part_versions_part_id_id UNIQUE (part_id, id),
        CONSTRAINT ck_prompt_part_versions_author_kind CHECK (author_kind IN {_AUTHORS})
    )
    """,
    f"""
    CREATE TABLE prompt_part_labels (
        part_id uuid NOT NULL,
        label text NOT NULL,
        version_id uuid NOT NULL,
        set_by_kind text NOT NULL,
        set_by_id text,
        set_at timestamptz NOT NULL,
        CONSTRAINT pk_prompt_part_labels PRIMARY KEY (part_id, label),
        CONSTRAINT fk_prompt_part_labels_part_id_prompt_part_versions
            FOREIGN KEY (part_id, version_id) REFERENCES prompt_part_versions (part_id, id),
        CONSTRAINT ck_prompt_part_labels_set_by_kind CHECK (set_by_kind IN {_AUTHORS})
    )
    """,
    """
    CREATE TABLE prompt_templates (
        id uuid NOT NULL,
        name text NOT NULL,
        description text NOT NULL,
        tags text[] NOT NULL,
        archived_at timestamptz,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_prompt_templates PRIMARY KEY (id),
        CONSTRAINT uq_prompt_templates_name UNIQUE (name)
    )
    """,
    f"""
    CREATE TABLE prompt_template_versions (
        id uuid NOT NULL,
        template_id uuid NOT NULL,
        number integer NOT NULL,
        variables jsonb NOT NULL,
        settings jsonb NOT NULL,
        answer text,
        messages jsonb NOT NULL,
        content_hash text NOT NULL,
        note text NOT NULL,
        author_kind text NOT NULL,
        author_id text,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_prompt_template_versions PRIMARY KEY (id),
        CONSTRAINT fk_prompt_template_versions_template_id_prompt_templates
            FOREIGN KEY (template_id) REFERENCES prompt_templates (id),
        CONSTRAINT uq_prompt_template_versions_template_id_number UNIQUE (template_id, number),
        CONSTRAINT uq_prompt_template_versions_template_id_id UNIQUE (template_id, id),
        CONSTRAINT ck_prompt_template_versions_author_kind CHECK (author_kind IN {_AUTHORS})
    )
    """,
    """
    CREATE TABLE prompt_template_version_parts (
        template_version_id uuid NOT NULL,
        part_name text NOT NULL,
        part_version_id uuid NOT NULL,
        CONSTRAINT pk_prompt_template_version_parts PRIMARY KEY (template_version_id, part_name),
        CONSTRAINT fk_prompt_template_version_parts_template_version_id_prompt_template_versions
            FOREIGN KEY (template_version_id) REFERENCES prompt_template_versions (id),
        CONSTRAINT fk_prompt_template_version_parts_part_version_id_prompt_part_versions
            FOREIGN KEY (part_version_id) REFERENCES prompt_part_versions (id)
    )
    """,
    """
    CREATE INDEX ix_prompt_template_version_parts_part_version_id
        ON prompt_template_version_parts (part_version_id)
    """,
    f"""
    CREATE TABLE prompt_template_labels (
        template_id uuid NOT NULL,
        label text NOT NULL,
        version_id uuid NOT NULL,
        set_by_kind text NOT NULL,
        set_by_id text,
        set_at timestamptz NOT NULL,
        CONSTRAINT pk_prompt_template_labels PRIMARY KEY (template_id, label),
        CONSTRAINT fk_prompt_template_labels_template_id_prompt_template_versions
            FOREIGN KEY (template_id, version_id) REFERENCES prompt_template_versions (template_id, id),
        CONSTRAINT ck_prompt_template_labels_set_by_kind CHECK (set_by_kind IN {_AUTHORS})
    )
    """,
    """
    CREATE TABLE prompt_starter_loads (
        id smallint NOT NULL,
        digest text NOT NULL,
        loaded_at timestamptz NOT NULL,
        CONSTRAINT pk_prompt_starter_loads PRIMARY KEY (id)
    )
    """,
)

_TABLES = (
    "prompt_starter_loads",
    "prompt_template_labels",
    "prompt_template_version_parts",
    "prompt_template_versions",
    "prompt_templates",
    "prompt_part_labels",
    "prompt_part_versions",
    "prompt_parts",
)


def upgrade() -> None:
    """Create them."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE " + ", ".join(_TABLES))
