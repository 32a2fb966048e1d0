"""Tables of `accounts`. Of keys, sessions and links only the hash is held: their 256 random bits cannot be guessed
back from it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from scrivano.core.database import Base

_Moment = DateTime(timezone=True)


def _person() -> ForeignKey:
    return ForeignKey("people.id", ondelete="CASCADE")


class ApiKey(Base):
    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    project_id: Mapped[str | None] = mapped_column(Text)
    user_id: Mapped[str | None] = mapped_column(Text, index=True)
    created_at: Mapped[datetime] = mapped_column(_Moment)
    expires_at: Mapped[datetime | None] = mapped_column(_Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(_Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(_Moment)


class Person(Base):
    """Somebody with an account. `email` is in small letters; `totp_last_step` is the last time step whose code was
    taken, so that no code is taken twice."""

    __tablename__ = "people"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_on: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    totp_last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    created_at: Mapped[datetime] = mapped_column(_Moment)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(_Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(_Moment)


class RecoveryCode(Base):
    """A code that stands in once for the second factor."""

    __tablename__ = "recovery_codes"

    person_id: Mapped[UUID] = mapped_column(_person(), primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class Identity(Base):
    """Who a person is to an OpenID provider."""

    __tablename__ = "person_identities"

    issuer: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(_person(), index=True)
    created_at: Mapped[datetime] = mapped_column(_Moment)


class SessionRow(Base):
    """A browser in which somebody is signed in."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(_person())
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    how: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    program: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Moment)
    last_seen_at: Mapped[datetime] = mapped_column(_Moment)
    expires_at: Mapped[datetime] = mapped_column(_Moment)
    ended_at: Mapped[datetime | None] = mapped_column(_Moment)

    __table_args__ = (Index("ix_sessions_person_id", "person_id", "created_at"),)


class Link(Base):
    """A link that works once: to set up, to accept an invitation, to choose a new password. `grants` are projects
    and roles that an invitation gives."""

    __tablename__ = "account_links"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[UUID | None] = mapped_column(_person())
    email: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str | None] = mapped_column(Text)
    grants: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"), default=dict)
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(_Moment)
    expires_at: Mapped[datetime] = mapped_column(_Moment)
    used_at: Mapped[datetime | None] = mapped_column(_Moment)


class Guesses(Base):
    """Failed attempts of one address, or at one name, and until when further ones are refused unseen."""

    __tablename__ = "sign_in_guesses"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int]
    refused: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    last_at: Mapped[datetime] = mapped_column(_Moment)
    until: Mapped[datetime] = mapped_column(_Moment)


class OidcAttempt(Base):
    """A sign-in that is under way at an OpenID provider, and the browser in which it began."""

    __tablename__ = "oidc_attempts"

    state: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    browser: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[str] = mapped_column(Text)
    verifier: Mapped[str] = mapped_column(Text)
    next: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(_Moment)


class AuditRow(Base):
    """Something about access that was done or tried. Never changed; erasing a person takes their name out."""

    __tablename__ = "audit_trail"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(_Moment)
    kind: Mapped[str] = mapped_column(Text)
    person_id: Mapped[UUID | None]
    subject: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        Index("ix_audit_trail_kind", "kind", "id"),
        Index("ix_audit_trail_person_id", "person_id", "id"),
    )
