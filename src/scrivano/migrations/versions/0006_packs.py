"""Tables of `packs`: domains, their niches, and the training samples, versioned by content hash."""

from alembic import op

revision: str = "0006_packs"
down_revision: str | None = "0005_prompts"
branch_labels: None = None
depends_on: None = None

_UP = (
    """
    CREATE TABLE domains (
        slug text NOT NULL,
        name text NOT NULL,
        icon text NOT NULL,
        sort_order integer NOT NULL,
        version text NOT NULL,
        language text NOT NULL,
        license text NOT NULL,
        description text NOT NULL,
        origin text NOT NULL,
        active boolean NOT NULL,
        content_hash text NOT NULL,
        installed_at timestamptz NOT NULL,
        removed_at timestamptz,
        CONSTRAINT pk_domains PRIMARY KEY (slug),
        CONSTRAINT ck_domains_origin CHECK (origin IN ('shipped', 'installed'))
    )
    """,
    """
    CREATE TABLE niches (
        domain text NOT NULL,
        slug text NOT NULL,
        name text NOT NULL,
        icon text NOT NULL,
        sort_order integer NOT NULL,
        description text NOT NULL,
        keywords text[] NOT NULL,
        active boolean NOT NULL,
        removed_at timestamptz,
        CONSTRAINT pk_niches PRIMARY KEY (domain, slug),
        CONSTRAINT fk_niches_domain_domains FOREIGN KEY (domain) REFERENCES domains (slug)
    )
    """,
    """
    CREATE TABLE samples (
        id uuid NOT NULL,
        sample_key text NOT NULL,
        domain text NOT NULL,
        niche text NOT NULL,
        kind text NOT NULL,
        content_hash text NOT NULL,
        content jsonb NOT NULL,
        words integer NOT NULL,
        created_at timestamptz NOT NULL,
        retired_at timestamptz,
        CONSTRAINT pk_samples PRIMARY KEY (id),
        CONSTRAINT fk_samples_domain_niches FOREIGN KEY (domain, niche) REFERENCES niches (domain, slug),
        CONSTRAINT uq_samples_sample_key_content_hash UNIQUE (sample_key, content_hash),
        CONSTRAINT ck_samples_kind CHECK (kind IN ('outline', 'chapter'))
    )
    """,
    "CREATE UNIQUE INDEX ix_samples_sample_key ON samples (sample_key) WHERE retired_at IS NULL",
    "CREATE INDEX ix_samples_domain_niche ON samples (domain, niche) WHERE retired_at IS NULL",
    """
    CREATE TABLE pack_shipped_loads (
        id smallint NOT NULL,
        digest text NOT NULL,
        loaded_at timestamptz NOT NULL,
        CONSTRAINT pk_pack_shipped_loads PRIMARY KEY (id)
    )
    """,
)


def upgrade() -> None:
    """Create them."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE pack_shipped_loads, samples, niches, domains")
