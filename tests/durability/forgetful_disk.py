"""A disk that loses power: what was not made durable is gone, or there by luck.

Every change is one step of a log. `Disk` plays the log and knows at each step what a power cut would
leave: a file holds what it held at its last fsync, a folder the names it had at its own. With luck, some of
what came after is there too, in any combination, as real disks do it.
"""

import errno
import os
import pickle
import random
import stat
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT_INODE = 1
Step = tuple[Any, ...]


@dataclass
class File:
    """A file: what programs see, what is durable, and what was done since."""

    data: bytearray = field(default_factory=bytearray)
    durable: bytes = b""
    pending: list[Step] = field(default_factory=list)
    mode: int = 0o600

    def write(self, at: int, data: bytes) -> None:
        _write(self.data, at, data)
        self.pending.append(("write", at, data))

    def truncate(self, size: int) -> None:
        _truncate(self.data, size)
        self.pending.append(("truncate", size))

    def sync(self) -> None:
        self.durable = bytes(self.data)
        self.pending.clear()

    def after_cut(self, luck: random.Random | None) -> bytes:
        if luck is None:
            return self.durable
        kept = bytearray(self.durable)
        for step in self.pending:
            if luck.random() < 0.5:
                _write(kept, *step[1:]) if step[0] == "write" else _truncate(kept, *step[1:])
        return bytes(kept)


@dataclass
class Folder:
    """A folder: the names programs see, the durable ones, and what was done to names since."""

    names: dict[str, int] = field(default_factory=dict)
    durable: dict[str, int] = field(default_factory=dict)
    pending: list[tuple[str, int | None]] = field(default_factory=list)

    def put(self, name: str, inode: int | None) -> None:
        if inode is None:
            self.names.pop(name, None)
        else:
            self.names[name] = inode
        self.pending.append((name, inode))

    def sync(self) -> None:
        self.durable = dict(self.names)
        self.pending.clear()

    def after_cut(self, luck: random.Random | None) -> dict[str, int]:
        kept = dict(self.durable)
        for name, inode in self.pending if luck is not None else ():
            if luck is not None and luck.random() < 0.5:
                if inode is None:
                    kept.pop(name, None)
                else:
                    kept[name] = inode
        return kept


class Disk:
    """Files and folders by number; every change comes as a step."""

    def __init__(self) -> None:
        self.folders: dict[int, Folder] = {ROOT_INODE: Folder()}
        self.files: dict[int, File] = {}

    def apply(self, step: Step) -> None:
        """Do one step."""
        kind, *rest = step
        getattr(self, f"_{kind}")(*rest)

    def leave(self, target: Path, luck: random.Random | None = None) -> None:
        """Write what a power cut now would leave into a real folder."""
        self._leave(ROOT_INODE, target, luck, {})

    def _leave(self, inode: int, target: Path, luck: random.Random | None, seen: dict[int, Path]) -> None:
        target.mkdir(mode=0o700, exist_ok=True)
        for name, child in self.folders[inode].after_cut(luck).items():
            if child in self.folders:
                self._leave(child, target / name, luck, seen)
            elif child in seen:
                os.link(seen[child], target / name)
            else:
                (target / name).write_bytes(self.files[child].after_cut(luck))
                seen[child] = target / name

    def _create(self, folder: int, name: str, inode: int, mode: int) -> None:
        self.files[inode] = File(mode=mode)
        self.folders[folder].put(name, inode)

    def _mkdir(self, folder: int, name: str, inode: int) -> None:
        self.folders[inode] = Folder()
        self.folders[folder].put(name, inode)

    def _link(self, folder: int, name: str, inode: int) -> None:
        self.folders[folder].put(name, inode)

    def _remove(self, folder: int, name: str) -> None:
        self.folders[folder].put(name, None)

    def _rename(self, place: tuple[int, str], new_place: tuple[int, str]) -> None:
        # A rename is one change: it is there or not, in both folders.
        inode = self.folders[place[0]].names[place[1]]
        self.folders[new_place[0]].put(new_place[1], inode)
        self.folders[place[0]].put(place[1], None)

    def _write(self, inode: int, at: int, data: bytes) -> None:
        self.files[inode].write(at, data)

    def _truncate(self, inode: int, size: int) -> None:
        self.files[inode].truncate(size)

    def _fsync(self, inode: int) -> None:
        self.files[inode].sync()

    def _fsyncdir(self, inode: int) -> None:
        self.folders[inode].sync()


def _write(data: bytearray, at: int, piece: bytes) -> None:
    if len(data) < at:
        data.extend(bytes(at - len(data)))
    data[at : at + len(piece)] = piece


def _truncate(data: bytearray, size: int) -> None:
    if size < len(data):
        del data[size:]
    else:
        data.extend(bytes(size - len(data)))


def serve(mountpoint: str, log_file: str) -> None:  # noqa: C901 - the calls of a file system
    """Mount the disk; when it is unmounted, the log of its steps is written."""
    import mfusepy

    class Mounted(mfusepy.Operations):  # type: ignore[misc,name-defined]
        """The disk behind the kernel: paths become numbers, changes become steps."""

        use_ns = True

        def __init__(self) -> None:
            self.disk = Disk()
            self.log: list[Step] = []
            self.last = ROOT_INODE
            self.now = time.time_ns()

        def step(self, *step: Any) -> None:
            self.disk.apply(step)
            self.log.append(step)

        def find(self, path: str) -> int:
            inode = ROOT_INODE
            for name in filter(None, path.split("/")):
                folder = self.disk.folders.get(inode)
                if folder is None or name not in folder.names:
                    raise mfusepy.FuseOSError(errno.ENOENT)
                inode = folder.names[name]
            return inode

        def place(self, path: str) -> tuple[int, str]:
            folder, _, name = path.rpartition("/")
            return self.find(folder), name

        def fresh(self) -> int:
            self.last += 1
            return self.last

        def init(self, path: str) -> None:
            pass

        def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
            inode = fh if fh else self.find(path)
            times = {"st_mtime": self.now, "st_ctime": self.now, "st_atime": self.now, "st_ino": inode}
            if inode in self.disk.folders:
                return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2, "st_size": 0, **times}
            file = self.disk.files[inode]
            size = len(file.data)
            return {"st_mode": stat.S_IFREG | file.mode, "st_nlink": 1, "st_size": size, **times}

        def readdir(self, path: str, fh: int) -> list[str]:
            return [".", "..", *self.disk.folders[self.find(path)].names]

        def mkdir(self, path: str, mode: int) -> int:
            self.step("mkdir", *self.place(path), self.fresh())
            return 0

        def create(self, path: str, mode: int, fi: Any = None) -> int:
            inode = self.fresh()
            self.step("create", *self.place(path), inode, mode & 0o777)
            return inode

        def open(self, path: str, flags: int) -> int:
            inode = self.find(path)
            if flags & os.O_TRUNC:
                self.step("truncate", inode, 0)
            return inode

        def opendir(self, path: str) -> int:
            return self.find(path)

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            return bytes(self.disk.files[fh].data[offset : offset + size])

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            self.step("write", fh, offset, bytes(data))
            return len(data)

        def truncate(self, path: str, length: int, fh: int | None = None) -> int:
            self.step("truncate", fh if fh else self.find(path), length)
            return 0

        def fsync(self, path: str, datasync: int, fh: int) -> int:
            self.step("fsync", fh)
            return 0

        def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
            self.step("fsyncdir", self.find(path))
            return 0

        def link(self, target: str, source: str) -> int:
            folder, name = self.place(target)
            if name in self.disk.folders[folder].names:
                raise mfusepy.FuseOSError(errno.EEXIST)
            self.step("link", folder, name, self.find(source))
            return 0

        def rename(self, old: str, new: str, flags: int = 0) -> int:
            self.step("rename", self.place(old), self.place(new))
            return 0

        def unlink(self, path: str) -> int:
            self.step("remove", *self.place(path))
            return 0

        def rmdir(self, path: str) -> int:
            if self.disk.folders[self.find(path)].names:
                raise mfusepy.FuseOSError(errno.ENOTEMPTY)
            self.step("remove", *self.place(path))
            return 0

        def chmod(self, path: str, mode: int, fh: int | None = None) -> int:
            return 0

        def utimens(self, path: str, times: Any = None, fh: int | None = None) -> int:
            return 0

        def flush(self, path: str, fh: int) -> int:
            return 0

        def release(self, path: str, fh: int) -> int:
            return 0

        def releasedir(self, path: str, fh: int) -> int:
            return 0

        def statfs(self, path: str) -> dict[str, int]:
            blocks = 1 << 20
            return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": blocks, "f_bavail": blocks}

    mounted = Mounted()
    mfusepy.FUSE(mounted, mountpoint, foreground=True, nothreads=True, fsname="forgetful")
    with Path(log_file).open("wb") as file:
        pickle.dump(mounted.log, file)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])
