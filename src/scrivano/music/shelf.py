"""The files of a song as they are stored."""

import hashlib
from uuid import UUID

from scrivano.music.models import SongFileRow

MEDIA = {
    "mid": "audio/midi",
    "musicxml": "application/vnd.recordare.musicxml+xml",
    "txt": "text/plain; charset=utf-8",
    "cho": "text/plain; charset=utf-8",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
}


def file_rows(song_id: UUID, files: dict[str, bytes]) -> list[SongFileRow]:
    """Rows for files by name."""
    return [
        SongFileRow(
            song_id=song_id,
            name=name,
            media_type=MEDIA.get(name.rsplit(".", 1)[1], "application/octet-stream"),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
        )
        for name, content in files.items()
    ]
