"""Tables of music. An arrangement is stored as data; its files are made of it and of nothing else."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from scrivano.core.database import Base
from scrivano.projects.public import DEFAULT_PROJECT

_Moment = TIMESTAMP(timezone=True)


class SongRow(Base):
    """A song: what was asked for, how demanding that was, and what became of it.

    `made_by` is the tier of the model whose chords stand in it, or `rules`.
    """

    __tablename__ = "songs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(Text)
    project_id: Mapped[UUID] = mapped_column(default=DEFAULT_PROJECT)
    user_id: Mapped[UUID | None]
    title: Mapped[str] = mapped_column(Text)
    genre: Mapped[str] = mapped_column(Text)
    settled: Mapped[dict[str, Any]] = mapped_column(JSONB)
    complexity: Mapped[dict[str, Any]] = mapped_column(JSONB)
    arrangement: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    made_by: Mapped[str | None] = mapped_column(Text)
    generation_method: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Moment)
    finished_at: Mapped[datetime | None] = mapped_column(_Moment)

    __table_args__ = (Index("ix_songs_created_at", "created_at"), Index("ix_songs_project_id", "project_id"))


class SongFileRow(Base):
    """A finished file of a song."""

    __tablename__ = "song_files"

    song_id: Mapped[UUID] = mapped_column(ForeignKey("songs.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    media_type: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
