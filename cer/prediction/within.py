"""The stamp of work in a folder that may be moved or copied: what it left there is named from that folder on."""

from cer.base import facts


class Stamp(facts.Stamp):
    """A stamp (cer/base/facts.py) whose file names the outputs in a folder by their paths in it.

    So a folder that was moved is as finished as before, and a copy is judged by its own files alone.
    """

    def __init__(self, path, folder):
        super().__init__(path)
        self._folder = folder

    def read(self):
        """As in facts.Stamp, with whole paths."""
        found = super().read()
        return found and tuple({self._renamed(name, _joined): each[name] for name in each} for each in found)

    def _write(self, path, made):
        super()._write(path, {self._renamed(name, _cut): made[name] for name in made} | facts.notes_of(made))

    def _renamed(self, text, renamed):
        """The name of a fact, with renamed(folder, path) for each path of an output."""
        name = facts.Name.of(text)
        if name.kind not in ("output", "named"):
            return text
        table = name.table and renamed(self._folder, name.table)
        return str(name._replace(path=renamed(self._folder, name.path), table=table))


def _cut(folder, path):
    return path.removeprefix(f"{folder}/")


def _joined(folder, path):
    return path if path.startswith("/") else f"{folder}/{path}"
