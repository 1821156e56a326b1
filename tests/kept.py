"""A folder that tests may spoil."""

import os
import shutil
from pathlib import Path


class Kept:
    """A copy of a folder, to put it back. What nobody touched stays: that takes a tenth of the time of a new copy."""

    def __init__(self, folder, copy):
        self.folder, self.copy = folder, Path(shutil.copytree(folder, copy, symlinks=True))
        self._names, self._left = {*self._state(copy)}, self._state(folder)

    @staticmethod
    def _state(folder):
        """Every path below a folder, and what tells that somebody touched it."""
        found = {}
        for top, folders, files in os.walk(folder):
            for path in (Path(top, name) for name in folders + files):
                now = path.lstat()
                found[path.relative_to(folder)] = now.st_ino, now.st_ctime_ns, now.st_mtime_ns, now.st_size
        return found

    def put_back(self):
        """Make the folder again what it was; returns the names that were touched, sorted."""
        now = self._state(self.folder)
        touched = sorted(name for name in now.keys() | self._names if now.get(name) != self._left.get(name))
        for name in reversed(touched):
            place = self.folder / name
            if _is_folder(place):
                if not _is_folder(self.copy / name):
                    place.rmdir()
            elif os.path.lexists(place):
                place.unlink()
        for name in (name for name in touched if name in self._names):
            if _is_folder(self.copy / name):
                (self.folder / name).mkdir(exist_ok=True)
            else:
                shutil.copy2(self.copy / name, self.folder / name, follow_symlinks=False)
        for name in reversed(touched):  # folders too have their earlier times and modes
            if _is_folder(self.copy / name):
                shutil.copystat(self.copy / name, self.folder / name)
        self._left = self._state(self.folder)
        return touched


def _is_folder(path):
    return path.is_dir() and not path.is_symlink()
