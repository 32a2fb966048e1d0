"""Tables of people, their sessions and links, the audit trail, and projects with members.

What was made before there were projects belongs to the default one from here on.
"""

from alembic import op

revision: str = "0012_people"
down_revision: str | None = "0011_llm_second"
branch_labels: None = None
depends_on: None = None

_DEFAULT = "00000000-0000-7000-8000-000000000001"

_PEOPLE = """
    CREATE TABLE people (
        id uuid CONSTRAINT pk_people PRIMARY KEY,
        email text NOT NULL CONSTRAINT uq_people_email UNIQUE,
        name text NOT NULL,
        role text NOT NULL CONSTRAINT ck_people_role CHECK (role IN ('administrator', 'member')),
        password_hash text,
        totp_secret bytea,
        totp_on boolean NOT NULL DEFAULT false,
        totp_last_step bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        last_sign_in_at timestamptz,
        disabled_at timestamptz
    );
    CREATE TABLE recovery_codes (
        person_id uuid CONSTRAINT fk_recovery_codes_person_id_people REFERENCES people (id) ON DELETE CASCADE,
        hash bytea,
        CONSTRAINT pk_recovery_codes PRIMARY KEY (person_id, hash)
    );
    CREATE TABLE person_identities (
        issuer text,
        subject text,
        person_id uuid NOT NULL
            CONSTRAINT fk_person_identities_person_id_people REFERENCES people (id) ON DELETE CASCADE,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_person_identities PRIMARY KEY (issuer, subject)
    );
    CREATE INDEX ix_person_identities_person_id ON person_identities (person_id);
    CREATE TABLE sessions (
        id uuid CONSTRAINT pk_sessions PRIMARY KEY,
        person_id uuid NOT NULL
            CONSTRAINT fk_sessions_person_id_people REFERENCES people (id) ON DELETE CASCADE,
        hash bytea NOT NULL CONSTRAINT uq_sessions_hash UNIQUE,
        how text NOT NULL,
        address text NOT NULL,
        program text NOT NULL,
        created_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        ended_at timestamptz
    );
    CREATE INDEX ix_sessions_person_id ON sessions (person_id, created_at);
    CREATE TABLE account_links (
        id uuid CONSTRAINT pk_account_links PRIMARY KEY,
        kind text NOT NULL CONSTRAINT ck_account_links_kind CHECK (kind IN ('set_up', 'invitation', 'reset')),
        hash bytea NOT NULL CONSTRAINT uq_account_links_hash UNIQUE,
        person_id uuid CONSTRAINT fk_account_links_person_id_people REFERENCES people (id) ON DELETE CASCADE,
        email text,
        role text,
        grants jsonb NOT NULL DEFAULT '{}',
        created_by uuid,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
    );
    CREATE TABLE sign_in_guesses (
        key text CONSTRAINT pk_sign_in_guesses PRIMARY KEY,
        failures integer NOT NULL,
        refused bigint NOT NULL DEFAULT 0,
        last_at timestamptz NOT NULL,
        until timestamptz NOT NULL
    );
    CREATE TABLE oidc_attempts (
        state bytea CONSTRAINT pk_oidc_attempts PRIMARY KEY,
        browser bytea NOT NULL,
        nonce text NOT NULL,
        verifier text NOT NULL,
        next text NOT NULL,
        expires_at timestamptz NOT NULL
    );
    CREATE TABLE audit_trail (
        id uuid CONSTRAINT pk_audit_trail PRIMARY KEY,
        at timestamptz NOT NULL,
        kind text NOT NULL,
        person_id uuid,
        subject text NOT NULL,
        address text NOT NULL,
        details jsonb NOT NULL
    );
    CREATE INDEX ix_audit_trail_kind ON audit_trail (kind, id);
    CREATE INDEX ix_audit_trail_person_id ON audit_trail (person_id, id);
    CREATE INDEX ix_api_keys_user_id ON api_keys (user_id);
"""

_PROJECTS = f"""
    CREATE TABLE projects (
        id uuid CONSTRAINT pk_projects PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        created_by uuid
            CONSTRAINT fk_projects_created_by_people REFERENCES people (id) ON DELETE SET NULL,
        created_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        deleted_at timestamptz
    );
    CREATE TABLE project_members (
        project_id uuid
            CONSTRAINT fk_project_members_project_id_projects REFERENCES projects (id) ON DELETE CASCADE,
        person_id uuid
            CONSTRAINT fk_project_members_person_id_people REFERENCES people (id) ON DELETE CASCADE,
        role text NOT NULL CONSTRAINT ck_project_members_role CHECK (role IN ('owner', 'editor', 'viewer')),
        added_at timestamptz NOT NULL,
        CONSTRAINT pk_project_members PRIMARY KEY (project_id, person_id)
    );
    CREATE INDEX ix_project_members_person_id ON project_members (person_id);
    INSERT INTO projects (id, name, created_at, changed_at)
        VALUES ('{_DEFAULT}', 'My work', clock_timestamp(), clock_timestamp());
"""


def upgrade() -> None:
    """Create them, and give everything a project."""
    op.execute(_PEOPLE)
    op.execute(_PROJECTS)
    for table in ("books", "songs", "runs"):
        op.execute(f"UPDATE {table} SET project_id = '{_DEFAULT}' WHERE project_id IS NULL")
        op.execute(
            f"ALTER TABLE {table} ALTER COLUMN project_id SET DEFAULT '{_DEFAULT}',"
            " ALTER COLUMN project_id SET NOT NULL"
        )
    op.execute("CREATE INDEX ix_songs_project_id ON songs (project_id)")


def downgrade() -> None:
    """Drop them; the books, songs and runs keep their project's id."""
    op.execute("DROP INDEX ix_songs_project_id")
    for table in ("books", "songs", "runs"):
        op.execute(
            f"ALTER TABLE {table} ALTER COLUMN project_id DROP NOT NULL, ALTER COLUMN project_id DROP DEFAULT"
        )
    op.execute("DROP INDEX ix_api_keys_user_id")
    op.execute(
        "DROP TABLE project_members, projects, audit_trail, oidc_attempts, sign_in_guesses, account_links,"
        " sessions, person_identities, recovery_codes, people"
    )
