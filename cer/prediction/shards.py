"""A folder of recordings' predictions. What is finished there, by its contents, is not predicted again.

<target>/<id>.{ark,scp}, csv/<id>.csv, .done/<id>.done                          of one recording
<target>/shards/<name>.{ark,scp}, tables/<name>.csv, .done/shards/<name>.done   of up to SIZE recordings of a large job

A job writes recordings one by one. When it has those of a shard, it joins them, and removes what it has joined. Names
of shards follow from the recordings in them, so several calls with different recordings may use one folder.
"""

import functools
import hashlib
from pathlib import Path

from cer.base import contents, facts
from cer.base.errors import BadInput, listed, message_of, warn
from cer.base.files import real
from cer.base.tables import write_table
from cer.data.datadir import Archive, Lazy, part, places_beside, writing_archive
from cer.data.predictions import FEW, each_has_csv, write_csv
from cer.prediction import within
from cer.prediction.taken import recordings_of

SIZE = 100  # recordings of a shard
IN_SHARDS = "shards/"  # what the names of shards begin with


class Folder:
    """The predictions of some systems in a folder, those of one job.

    Those of a recording are first written under its id, then joined with others under the name of their shard. The
    stamp of a name holds the facts of all recordings under it.
    """

    def __init__(self, folder, targets, shift, made_from, *, number, csv="auto", resume=True):
        """targets: list of names; shift: seconds between predictions; made_from: facts that all have in common.

        number: recordings of all jobs; csv: as in each_has_csv; resume: use what is finished there.
        """
        self.folder, self.targets, self.shift = real(folder), targets, shift
        self.has_csvs, self._common, self._resume = each_has_csv(csv, number), made_from, resume
        self.size = size_of_shards(number, csv)
        self._fresh, self._intact = set(), {}  # ids that were predicted now; name -> facts of its stamp
        self._shard_of = {key: name for name in names(self.folder) for key in ids(self.folder, name)}
        self._archive = functools.lru_cache(8)(functools.partial(Archive, beside=True))

    def finish(self, recordings, predict):
        """Predict those recordings of a shard (id -> path) that are not finished, and join all: id -> why it failed.

        predict: function of (id, path) -> {target: (T,)}.
        """
        made_from, failed = {}, {}
        for key, path in recordings.items():
            try:
                made_from[key] = self.facts(key, path)
            except (BadInput, OSError) as error:
                failed[key] = message_of(error).replace("\n", " ")
        name = shard(recordings) if self.size > 1 else next(iter(recordings))
        if not failed and self._resume and not _stamp(self.folder, name).stale(self._together(made_from)):
            self._remove_joined(name, recordings)
            return failed
        for key, its in made_from.items():
            if not self._name_of(key, its):
                try:
                    self._write(key, {key: predict(key, recordings[key])}, {key: its}, as_csv=self.size == 1)
                    self._fresh.add(key)
                except (BadInput, OSError) as error:
                    failed[key] = message_of(error).replace("\n", " ")
        found = {key: place for key, its in made_from.items() if (place := self._name_of(key, its))}
        finished = {key: made_from[key] for key in found}
        if found and (self.size > 1 or _stamp(self.folder, name).stale(self._together(finished))):
            self._join(name, found, finished)
        return failed

    def facts(self, key, path):
        """What the predictions of a recording are made from: facts. Raises BadInput or OSError."""
        return self._common | {f"recording {key}": contents.escaped(path)} | facts.of_file("input", path)

    def _together(self, made_from, as_csv=True):
        """The facts of a stamp; made_from: id -> facts of a recording; as_csv: whether there are CSV files, too."""
        found = {"with csv": str(self.has_csvs)} if as_csv else {}
        return found | {name: value for each in made_from.values() for name, value in each.items()}

    def _join(self, name, found, made_from):
        """Write finished predictions under one name; found: id -> name of its files; made_from: id -> facts."""
        try:
            self._write(name, _Finished(self, found), made_from, as_csv=True)
            self._remove_joined(name, found)
        except BadInput as error:
            warn(f"{error}; its shard is joined by the next call")

    def _write(self, name, predictions, made_from, *, as_csv):
        """Write predictions (id -> {target: (T,)}) and their stamp; made_from: id -> facts; as_csv: CSV files, too."""
        for target in self.targets:
            with writing_archive(self.folder / target / name) as write:
                for key in predictions:
                    write(key, predictions[key][target][:, None])
        files = [self.folder / target / f"{name}.scp" for target in self.targets]
        if as_csv and self.has_csvs:
            for key in predictions:
                files.append(self._csv(key))
                write_csv(files[-1], self.shift, {key: predictions[key]})
        elif as_csv:
            files.append(_table(self.folder, name))
            write_csv(files[-1], self.shift, predictions, ids=True)
        if changed := _stamp(self.folder, name).commit(files, self._together(made_from, as_csv)):
            raise BadInput(f"{changed[0]}; the file changed while it was read; predict it again")
        self._intact.pop(name, None)

    def _name_of(self, key, made_from):
        """The name of the files that hold a recording's finished predictions; None if there are none."""
        if not self._resume and key not in self._fresh:
            return None
        for name in filter(None, (key, self._shard_of.get(key))):
            if name not in self._intact:
                self._intact[name] = self._facts_if_intact(name)
            if made_from.items() <= self._intact[name].items():
                return name
        return None

    def _facts_if_intact(self, name):
        """The facts that a stamp names, if its archives are as they were left; otherwise none."""
        found, left = _stamp(self.folder, name).read() or ({}, {})
        left = {name: value for name, value in left.items() if not name.endswith(".csv")}
        return {} if facts.differences(left, facts.again(left)) else found

    def _remove_joined(self, name, recordings):
        """Remove the files of single recordings that a shard holds, the stamp last."""
        for key in recordings if name.startswith(IN_SHARDS) else ():
            if _stamp(self.folder, key).path.exists():
                _remove(self.folder, key, self.targets, [] if self.has_csvs else [self._csv(key)])

    def _csv(self, key):
        return self.folder / "csv" / f"{key}.csv"


class _Finished(Lazy):
    """Finished predictions, id -> {target: (T,)}, read when asked for."""

    def __init__(self, folder, where):
        self._of, self._table = folder, where

    def __getitem__(self, key):
        return {
            target: self._of._archive(self._of.folder / target / f"{self._table[key]}.scp")[key][:, 0]
            for target in self._of.targets
        }


def _stamp(folder, name):
    return within.Stamp(folder / ".done" / f"{name}.done", folder)


def _table(folder, name):
    return folder / "tables" / f"{name.removeprefix(IN_SHARDS)}.csv"


def size_of_shards(number, csv):
    """How many recordings are joined of a number of them; csv: as in each_has_csv."""
    return SIZE if number > FEW or not each_has_csv(csv, number) else 1


def chunks(table, size):
    """Parts of a table (id -> path) of up to `size` recordings."""
    keys = list(table)
    for start in range(0, len(keys), size):
        yield {key: table[key] for key in keys[start : start + size]}


def shard(recordings):
    """The name of the shard of these recordings."""
    keys = list(recordings)
    return IN_SHARDS + hashlib.sha256("\n".join(keys).encode("utf-8", "surrogateescape")).hexdigest()[:12]


def names(folder):
    """The names of the finished shards in a folder."""
    return sorted(IN_SHARDS + path.stem for path in (folder / ".done" / IN_SHARDS).glob("*.done"))


def ids(folder, name):
    """The recordings that a stamp names."""
    made_from, _ = _stamp(folder, name).read() or ({}, {})
    return list(recordings_of(made_from))


def _told(folder, name):
    """What a stamp says of its predictions: (their targets, what all of a call are made with)."""
    made_from, left = _stamp(folder, name).read() or ({}, {})
    paths = [Path(fact.path) for fact in map(facts.Name.of, left) if fact.kind == "output"]
    targets = {path.parents[name.count("/")].name for path in paths if path.suffix == ".scp"}
    return targets, made_from.get("made with")


def collect(folder, table, csv, num_jobs, failed=()):
    """Name all finished predictions in a folder in <target>.scp, and remove shards of which other ones hold all.

    table: the recordings of a call, id -> path; num_jobs: its jobs; failed: ids of those that could not be predicted,
    which are not named, whatever an earlier call predicted. Returns which of the table have predictions.
    """
    folder, size = Path(folder), size_of_shards(len(table), csv)
    parts = [part(table, f"{job}/{num_jobs}") for job in range(1, num_jobs + 1)]
    where = _places(folder, {shard(one) for each in parts for one in chunks(each, size)})
    kept = {key: name for key, name in where.items() if key not in failed}
    told = {name: _told(folder, name) for name in {*where.values()}}
    scps = [path for end in ("", IN_SHARDS) for path in folder.glob(f"*/{end}*.scp")]
    targets = sorted({path.relative_to(folder).parts[0] for path in scps})
    for target in targets:
        lines = {}
        for name in (name for name, (its, _) in told.items() if target in its):
            found = places_beside(folder / target / f"{name}.scp", "call it again with --resume false")
            lines |= {key: value for key, value in found.items() if kept.get(key) == name}
        if lines:
            write_table(folder / f"{target}.scp", lines)
        else:  # it was predicted by other models, which these have replaced
            (folder / f"{target}.scp").unlink(missing_ok=True)
    for name in set(names(folder)) - set(where.values()):
        _remove(folder, name, targets, [_table(folder, name)])
    _warn_of_others(folder, table, {key: told[name][1] for key, name in kept.items()})
    return [key for key in table if key in kept]


def _remove(folder, name, targets, csvs):
    """Remove the files of some name, the stamp last; csvs: paths of its CSV files."""
    archives = [folder / target / f"{name}.{end}" for target in targets for end in ("scp", "ark")]
    for path in [*archives, *csvs, _stamp(folder, name).path]:
        path.unlink(missing_ok=True)


def _places(folder, newest):
    """Where the finished predictions in a folder are: id -> the name of its files.

    Those of a recording alone come before those in a shard, and shards of the last call, `newest`, before earlier ones.
    """
    where = {}
    for name in sorted(names(folder), key=newest.__contains__):
        where |= dict.fromkeys(ids(folder, name), name)
    done = folder / ".done"
    stamps = (path.relative_to(done).with_suffix("").as_posix() for path in done.rglob("*.done"))
    return where | {key: key for key in stamps if ids(folder, key) == [key]}


def _warn_of_others(folder, table, made_with):
    """Warn of predictions in a folder that are made otherwise than those of the table; made_with: id -> with what."""
    own = {made_with[key] for key in table if key in made_with}
    others = sorted(key for key in made_with if made_with[key] not in own)
    if own and others:
        warn(
            f"{folder}: earlier predictions of {listed(others)} are of other models, options or code; predict them,"
            " too, or name another folder"
        )
