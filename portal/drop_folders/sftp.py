"""What a client may do: list, fetch, put, rename and delete files of one folder, and nothing else."""

from __future__ import annotations

import asyncio
import os
import posixpath
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, BinaryIO, NoReturn, cast
from weakref import WeakSet

import asyncssh

from portal.drop_folders.folder import NO_NAME, DropFolder, IncomingFile, NotTaken

WRITES = asyncssh.FXF_WRITE | asyncssh.FXF_APPEND | asyncssh.FXF_TRUNC | asyncssh.FXF_CREAT
LIMIT = 1 << 20
"""Bytes of one answer to a read."""
MOST_LISTINGS = 100
"""Open at a time, of a program."""


class FolderSession(asyncssh.SFTPServer):
    """`holds` says whether whoever is logged in still may; `arrived` is called when a file waits to be taken,
    `left` when the program has ended.

    No path of a client ever reaches the file system: a name is looked up in the folder, there are no others.
    """

    def __init__(
        self,
        channel: asyncssh.SSHServerChannel[bytes],
        folder: DropFolder,
        holds: Callable[[], Awaitable[bool]],
        arrived: Callable[[], None],
        left: Callable[[], None],
    ) -> None:
        super().__init__(channel)
        self._folder, self._holds, self._arrived, self._left = folder, holds, arrived, left
        self._listings = WeakSet[AsyncIterator[asyncssh.SFTPName]]()

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:  # noqa: ARG002
        await self._demand_access()
        name = _name(path)
        if pflags & asyncssh.FXF_EXCL and name in self._folder.names():
            raise asyncssh.SFTPFailure("File already exists")
        try:
            return self._folder.begin(name) if pflags & WRITES else self._folder.read(name)
        except NotTaken as refused:
            _refuse(refused)

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        stream = _stream(file_obj)
        stream.seek(offset)
        return stream.read(min(size, LIMIT))

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        await asyncio.sleep(0)  # a copy on the server is many writes: others come in between
        if not isinstance(file_obj, IncomingFile):
            raise asyncssh.SFTPPermissionDenied("The file was opened for reading")
        try:
            file_obj.write(offset, data)
        except NotTaken as refused:
            file_obj.broken = True
            _refuse(refused)
        return len(data)

    async def close(self, file_obj: object) -> None:
        if not isinstance(file_obj, IncomingFile):
            self._folder.end_reading(cast(BinaryIO, file_obj))
            return
        # asyncssh closes what a session leaves open while it handles the end of the connection: then there is
        # an exception under way, and the file is not whole.
        broken_off = sys.exc_info()[0] is not None
        if broken_off or file_obj.broken or not await self._holds():
            self._folder.discard(file_obj)
            if not broken_off:
                raise asyncssh.SFTPFailure("The file was not taken")
            return
        await asyncio.to_thread(file_obj.sync)
        if self._folder.finish(file_obj):
            self._arrived()

    def fsync(self, file_obj: object) -> None:
        """An upload is synchronised when it is closed."""

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        name = _name(path)
        return _of_file(self._folder.find(name).stat()) if name else _of_folder()

    lstat = stat

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        stream = _stream(file_obj)
        stream.flush()
        return _of_file(os.fstat(stream.fileno()))

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Programs set time and rights after an upload: nobody needs them here."""
        self.stat(path)
        _keep_size(attrs)

    lsetstat = setstat

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:  # noqa: ARG002
        _keep_size(attrs)

    def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        if len(self._listings) >= MOST_LISTINGS:
            raise asyncssh.SFTPFailure("Too many listings are open")
        listing = self._list(path)
        self._listings.add(listing)
        return listing

    async def _list(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        await self._demand_access()
        if _name(path):
            raise asyncssh.SFTPNoSuchFile("No such directory")
        for dots in (b".", b".."):
            yield asyncssh.SFTPName(dots, attrs=_of_folder())
        for name in self._folder.names():
            yield asyncssh.SFTPName(name.encode(), attrs=self.stat(name.encode()))

    async def remove(self, path: bytes) -> None:
        await self._demand_access()
        self._folder.remove(_name(path))

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._demand_access()
        try:
            arrived = self._folder.rename(_name(oldpath), _name(newpath))
        except NotTaken as refused:
            _refuse(refused)
        if arrived:
            self._arrived()

    posix_rename = rename

    def exit(self) -> None:
        self._left()

    def realpath(self, path: bytes) -> bytes:
        return _absolute(path)

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> NoReturn:  # noqa: ARG002
        raise asyncssh.SFTPPermissionDenied(str(NO_NAME))

    def _unsupported(self, *_: object) -> NoReturn:
        raise asyncssh.SFTPOpUnsupported("Operation not supported")

    _nothing: Any = _unsupported
    open56 = rmdir = readlink = symlink = link = lock = unlock = statvfs = fstatvfs = _nothing

    async def _demand_access(self) -> None:
        if not await self._holds():
            raise asyncssh.SFTPPermissionDenied("This access does not hold any longer")


def _absolute(path: bytes) -> bytes:
    """However it climbs, it stays below the root."""
    return posixpath.normpath(b"/" + path).replace(b"//", b"/")


def _name(path: bytes) -> str:
    """The one part of a path; empty for the folder itself. Raises FileNotFoundError for what lies deeper."""
    try:
        name = _absolute(path).decode().removeprefix("/")
    except UnicodeDecodeError as error:
        raise asyncssh.SFTPNoSuchFile("The name is not in UTF-8") from error
    if "/" in name:
        raise asyncssh.SFTPNoSuchFile(str(NO_NAME))
    return name


def _refuse(refused: NotTaken) -> NoReturn:
    reason = str(refused.reason)
    if refused.full:
        raise asyncssh.SFTPFailure(reason) from refused
    raise asyncssh.SFTPPermissionDenied(reason) from refused


def _keep_size(attrs: asyncssh.SFTPAttrs) -> None:
    if attrs.size is not None:
        raise asyncssh.SFTPOpUnsupported("The size of a file follows from what is written")


def _stream(file_obj: object) -> BinaryIO:
    return file_obj.stream if isinstance(file_obj, IncomingFile) else cast(BinaryIO, file_obj)


def _of_file(found: os.stat_result) -> asyncssh.SFTPAttrs:
    """Nothing of the machine's users."""
    moment = int(found.st_mtime)
    return asyncssh.SFTPAttrs(
        size=found.st_size, uid=0, gid=0, permissions=stat.S_IFREG | 0o600, atime=moment, mtime=moment
    )


def _of_folder() -> asyncssh.SFTPAttrs:
    return asyncssh.SFTPAttrs(size=0, uid=0, gid=0, permissions=stat.S_IFDIR | 0o700, atime=0, mtime=0)
