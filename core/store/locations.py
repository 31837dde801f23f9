"""Where Calmline keeps its things: database, log, control channel. Folders and files for their owner only."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.store.errors import Notice, NoticeCode, StoreError, StoreErrorCode
from core.store.files import DATABASE_FILE, make_private_folder, mend_rights, require_owner
from core.system.files import own_path

DATABASE_VARIABLE = "CALMLINE_DB"
"""The environment variable that names another database file."""

LOG_FILE = "calmline.log"

SOCKET_PATH_BYTES = 100
"""A Unix socket's path may take 108 bytes on Linux and 104 on macOS, its ending zero included."""


@dataclass(frozen=True, slots=True)
class Locations:
    """Every path the program uses.

    `control_address` is a Unix socket's path, or a named pipe on Windows; it is different for every database, so that
    two programs with two databases can each be reached. `own_folders` are those that only Calmline uses: they are made
    0700 and kept so. A folder that the person has chosen for a database is left as it is. `temporary` is for what is
    needed for a moment, `exports` is where the screens may write what the person hands on, and nowhere else. `networks`
    holds the networks that the person added.
    """

    data: Path
    log: Path
    runtime: Path
    database: Path
    control_address: str
    control_key: Path
    log_file: Path
    temporary: Path
    exports: Path
    networks: Path
    own_folders: tuple[Path, ...]

    @classmethod
    def below(cls, folder: Path) -> Locations:
        """Everything inside one folder: for the demo and for tests."""
        exports = folder / "exports"
        return _locations(folder, folder / "log", folder / "run", folder / DATABASE_FILE, exports, data_is_own=True)

    def prepare(self) -> list[Notice]:
        """Make the folders that are missing and take wider rights from those that are there.

        Of those for the log and the control channel, the program goes on without one that is not ours.

        Raises:
            StoreError: the folder of the database cannot be made, or is somebody else's.
        """
        make_private_folder(self.data)
        notices = []
        for folder in self.own_folders:
            try:
                make_private_folder(folder)
                require_owner(folder)
                notices.append(mend_rights(folder))
            except StoreError:
                if folder == self.data:
                    raise
                notices.append(Notice(NoticeCode.FOLDER_NOT_USED, str(folder)))
        notices.append(mend_rights(self.log_file))
        return [notice for notice in notices if notice is not None]


def find_locations(database: Path | None, environment: Mapping[str, str]) -> Locations:
    """Where things are for this user of the computer.

    Args:
        database: what `--db` says, or None.
        environment: `os.environ` or a stand-in; CALMLINE_DB names the database where `--db` does not.

    Raises:
        StoreError: the person has no home folder, or the path is relative to a folder that is not there any more.
    """
    from platformdirs import PlatformDirs

    folders = PlatformDirs("calmline", appauthor=False)
    try:
        data, log = Path(folders.user_data_dir), Path(folders.user_log_dir)
        exports = Path(folders.user_documents_dir) / "Calmline"
    except RuntimeError as error:  # neither HOME nor an entry of this user where the system keeps them
        raise StoreError(StoreErrorCode.NO_HOME) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # over SSH there may be no XDG_RUNTIME_DIR; the folder it falls back to will do
        try:
            runtime = Path(folders.user_runtime_dir)
        except OSError:  # no folder for temporary files, or somebody else's in its place
            runtime = log
    named = environment.get(DATABASE_VARIABLE) or None
    chosen = database or (Path(named) if named else None)
    if chosen is None:
        return _locations(data, log, runtime, data / DATABASE_FILE, exports, data_is_own=True)
    try:
        path = own_path(chosen).absolute()
    except FileNotFoundError as error:  # the folder that we are in has been removed
        raise StoreError(StoreErrorCode.UNREADABLE, str(chosen)) from error
    return _locations(path.parent, log, runtime, path, exports, data_is_own=False)


def _locations(data: Path, log: Path, runtime: Path, database: Path, exports: Path, *, data_is_own: bool) -> Locations:
    mark = hashlib.sha256(os.fsencode(os.path.realpath(database))).hexdigest()[:12]
    folder = _short_enough(runtime, mark)
    socket = folder / f"control-{mark}.sock"
    return Locations(
        data=data,
        log=log,
        runtime=folder,
        database=database,
        control_address=rf"\\.\pipe\calmline-{mark}" if sys.platform == "win32" else str(socket),
        control_key=folder / f"control-{mark}.key",
        log_file=log / LOG_FILE,
        temporary=folder / "temporary",
        exports=exports,
        networks=data / "networks",
        own_folders=((data,) if data_is_own else ()) + (log, folder, folder / "temporary"),
    )


def _short_enough(runtime: Path, mark: str) -> Path:
    """The runtime folder, or one with a short path where a socket in it would have too long a name.

    Where there is no folder for temporary files either, it stays, and the channel says that its address is too long.
    """
    longest = len(os.fsencode(runtime)) + len(f"/control-{mark}.sock")
    if sys.platform == "win32" or longest <= SOCKET_PATH_BYTES:
        return runtime
    try:
        return Path(tempfile.gettempdir()) / f"calmline-{os.getuid()}-{mark}"
    except FileNotFoundError:
        return runtime
