"""Tables of music. An arrangement is stored as data; its files are made of it and of nothing else."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Double, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from scrivano.core.database import Base
from scrivano.projects.public import DEFAULT_PROJECT

_Moment = TIMESTAMP(timezone=True)


class SongRow(Base):
    """A song: what was asked for, how demanding that was, and what became of it.

    `made_by` is the tier of the model whose chords stand in it, or `rules`. `material` is what a person brought,
    `history` the numbers of versions to go back and forth to, `notes` what was done to a model's reply.
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
    material: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    history: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), default=dict)
    notes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), default=list)
    personal: Mapped[bool] = mapped_column(server_default=text("false"), default=False)

    __table_args__ = (Index("ix_songs_created_at", "created_at"), Index("ix_songs_project_id", "project_id"))


class SongFileRow(Base):
    """A finished file of a song."""

    __tablename__ = "song_files"

    song_id: Mapped[UUID] = mapped_column(ForeignKey("songs.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    media_type: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class SongMadeRow(Base):
    """That a song was made once, and by whom: what statistics count, also of songs that were deleted."""

    __tablename__ = "songs_made"

    song_id: Mapped[UUID] = mapped_column(primary_key=True)
    genre: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    finished_at: Mapped[datetime] = mapped_column(_Moment)

    __table_args__ = (Index("ix_songs_made_finished_at", "finished_at"),)


class TasteRow(Base):
    """What a person said about learning. `weights` are their likings, kept only while they share them."""

    __tablename__ = "music_tastes"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    shares: Mapped[bool]
    level: Mapped[int | None]
    weights: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    updated_at: Mapped[datetime] = mapped_column(_Moment)


class ChoiceRow(Base):
    """One chord that a person kept, rejected, wrote or locked, and what might have stood there instead."""

    __tablename__ = "music_choices"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    song_id: Mapped[UUID | None] = mapped_column(ForeignKey("songs.id", ondelete="SET NULL"))
    bar: Mapped[int]
    action: Mapped[str] = mapped_column(Text)
    symbol: Mapped[str] = mapped_column(Text)
    instead_of: Mapped[str | None] = mapped_column(Text)
    situation: Mapped[dict[str, Any]] = mapped_column(JSONB)
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(_Moment)

    __table_args__ = (
        Index("ix_music_choices_person_id", "person_id", "created_at"),
        Index("ix_music_choices_song_id", "song_id"),
    )


class ReactionRow(Base):
    """What a person said of a bar of a song, or of the whole (`bar` 0), which was of difficulty `played`."""

    __tablename__ = "song_reactions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    song_id: Mapped[UUID | None] = mapped_column(ForeignKey("songs.id", ondelete="SET NULL"))
    person_id: Mapped[UUID]
    bar: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    played: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(_Moment)

    __table_args__ = (
        Index("uq_song_reactions_song_id", "song_id", "person_id", "bar", unique=True),
        Index("ix_song_reactions_person_id", "person_id", "created_at"),
    )
