"""Templates within templates, a choice of template language, protected labels, and an index to search prompts by."""

from alembic import op

revision: str = "0015_prompts_second"
down_revision: str | None = "0014_references_second"
branch_labels: None = None
depends_on: None = None

_UP = (
    "ALTER TABLE prompt_template_versions ADD COLUMN engine text NOT NULL DEFAULT 'default'",
    """
    ALTER TABLE prompt_template_versions
        ADD CONSTRAINT ck_prompt_template_versions_engine CHECK (engine IN ('default', 'jinja2'))
    """,
    """
    CREATE TABLE prompt_template_version_templates (
        template_version_id uuid NOT NULL,
        template_name text NOT NULL,
        included_version_id uuid NOT NULL,
        CONSTRAINT pk_prompt_template_version_templates PRIMARY KEY (template_version_id, template_name),
        CONSTRAINT fk_prompt_template_version_templates_template_version_id_prompt_template_versions
            FOREIGN KEY (template_version_id) REFERENCES prompt_template_versions (id),
        CONSTRAINT fk_prompt_template_version_templates_included_version_id_prompt_template_versions
            FOREIGN KEY (included_version_id) REFERENCES prompt_template_versions (id)
    )
    """,
    """
    CREATE INDEX ix_prompt_template_version_templates_included_version_id
        ON prompt_template_version_templates (included_version_id)
    """,
    "CREATE INDEX ix_prompt_template_labels_version_id ON prompt_template_labels (version_id)",
    """
    CREATE TABLE prompt_protected_labels (
        label text NOT NULL,
        CONSTRAINT pk_prompt_protected_labels PRIMARY KEY (label)
    )
    """,
    "INSERT INTO prompt_protected_labels (label) VALUES ('production')",
    "ALTER TABLE prompt_parts ADD COLUMN search tsvector NOT NULL DEFAULT ''::tsvector",
    "ALTER TABLE prompt_templates ADD COLUMN search tsvector NOT NULL DEFAULT ''::tsvector",
    """
    UPDATE prompt_parts p SET search = to_tsvector('simple', regexp_replace(
        p.name || ' ' || p.description || ' ' || coalesce((
            SELECT left(v.text, 200000) FROM prompt_part_labels l JOIN prompt_part_versions v ON v.id = l.version_id
            WHERE l.part_id = p.id AND l.label = 'production'), ''), '[^[:alnum:]]+', ' ', 'g'))
    """,
    """
    UPDATE prompt_templates t SET search = to_tsvector('simple', regexp_replace(
        t.name || ' ' || t.description || ' ' || coalesce((
            SELECT left(jsonb_path_query_array(v.messages, '$[*].content[*].text')::text, 200000)
            FROM prompt_template_labels l JOIN prompt_template_versions v ON v.id = l.version_id
            WHERE l.template_id = t.id AND l.label = 'production'), ''), '[^[:alnum:]]+', ' ', 'g'))
    """,
    "CREATE INDEX ix_prompt_parts_search ON prompt_parts USING gin (search)",
    "CREATE INDEX ix_prompt_templates_search ON prompt_templates USING gin (search)",
    "CREATE INDEX ix_prompt_parts_tags ON prompt_parts USING gin (tags)",
    "CREATE INDEX ix_prompt_templates_tags ON prompt_templates USING gin (tags)",
)

_DOWN = (
    "ALTER TABLE prompt_templates DROP COLUMN search",
    "ALTER TABLE prompt_parts DROP COLUMN search",
    "DROP INDEX ix_prompt_templates_tags",
    "DROP INDEX ix_prompt_parts_tags",
    "DROP TABLE prompt_protected_labels",
    "DROP INDEX ix_prompt_template_labels_version_id",
    "DROP TABLE prompt_template_version_templates",
    "ALTER TABLE prompt_template_versions DROP COLUMN engine",
)


def upgrade() -> None:
    """Create them."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for statement in _DOWN:
        op.execute(statement)
