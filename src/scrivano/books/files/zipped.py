"""Zip files whose bytes depend on nothing but their content."""

import datetime as dt
import io
import zipfile
from collections.abc import Iterable


def zip_bytes(
    entries: Iterable[tuple[str, bytes]], date: dt.date, *, stored: frozenset[str] = frozenset()
) -> bytes:
    """A zip of (name, content) in the given order, stamped with `date`; `stored` names stay raw."""
    out = io.BytesIO()
    # Zip cannot write years before 1980.
    stamp = (max(date.year, 1980), date.month, date.day, 0, 0, 0)
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, stamp)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, content, compresslevel=9)
    return out.getvalue()
