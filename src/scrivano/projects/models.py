"""Tables of `projects`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from scrivano.core.database import Base

_Moment = DateTime(timezone=True)


class Project(Base):
    """What books, posts, songs and references belong to. One with `deleted_at` is in the bin: to everybody but its
    owners it does not exist. One that is `doomed` is being removed for good."""

    __tablename__ = "projects"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, server_default=text("''"), default="")
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(_Moment)
    changed_at: Mapped[datetime] = mapped_column(_Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(_Moment)
    doomed: Mapped[bool] = mapped_column(server_default=false(), default=False)


class Member(Base):
    """Who may do what in a project."""

    __tablename__ = "project_members"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(_Moment)
