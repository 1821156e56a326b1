"""The table of recordings and traces that a user may edit: a CSV with a line for each column of each file of traces."""

import csv
import io
import re
from collections import Counter
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cer.base import csvs
from cer.base.errors import BadInput, listed
from cer.base.files import read_text, write_text
from cer.base.kinds import NAME, Name, fits
from cer.base.words import composed, counted
from cer.corpora.partition import SETS, set_of
from cer.data.targets import check_name


@dataclass
class Line:
    """One line, texts and numbers; paths are below the corpus's folder."""

    recording: str
    speaker: str
    set: str  # train, dev or test
    trace: str
    time: str  # the column of times, its name or its place, from 0; "" where there are none
    column: str  # the column of values, likewise
    target: str
    rater: str
    low: float  # the values that mean -1 and 1
    high: float
    missing: str  # marks that mean no value, beside nothing and nan, parted by blanks; "" for none
    unit: str  # of times, s or ms; "" where there are none
    rate: float | None  # Hz, of values without times
    label_rate: float  # Hz, of the labels that are made, one for all


MOST = 10_000  # Hz, of values and of labels
COLUMNS = [field.name for field in fields(Line)]


def write(path, found):
    """Write a table of Lines."""
    write_text(path, ",".join(COLUMNS) + "\n" + _rows(found, COLUMNS))


def append(path, found):
    """Append Lines to a table, whose own text, columns and their order stay as they are."""
    text = read_text(path)
    parted = csvs.delimiter(text)
    names = csvs.split(path, *csvs.lines(path)[0], parted)
    write_text(path, text + "\n" * (not text.endswith("\n")) + _rows(found, names, parted))


def _rows(found, names, parted=","):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", delimiter=parted)
    for line in map(asdict, found):
        row = [line.get(name) for name in names]
        writer.writerow([f"{value:.9g}" if isinstance(value, float) else value for value in row])
    return text.getvalue()


def read(path):
    """Read a table of Lines. Raises BadInput, naming file and line."""
    parted = csvs.delimiter(read_text(path))
    number, head = csvs.lines(path, "remove it, and it is made anew")[0]
    if "recording" not in csvs.split(path, number, head, parted):
        raise BadInput(f"{path}:{number}: found {head[:60]!r}, expected the head {','.join(COLUMNS)}")
    found, rows = [], csvs.numbered(path, "recording")
    for number, row in rows:
        row = {"time": "0" if row.get("unit") else "", "missing": ""} | row  # tables of earlier versions have none
        if lacking := [name for name in COLUMNS if name not in row]:
            raise BadInput(f"{path}:1: found no column {lacking[0]}, expected {','.join(COLUMNS)}")
        found.append(_line(f"{path}:{number}", {name: row[name] for name in COLUMNS}))
    if len({line.label_rate for line in found}) > 1:
        rates = ", ".join(f"{rate:g}" for rate in sorted({line.label_rate for line in found}))
        raise BadInput(f"{path}: found the label_rate {rates}, expected one for all lines")
    for what in ("speaker", "set"):
        seen = {}
        for (number, _), line in zip(rows, found, strict=True):
            value = seen.setdefault(line.recording, getattr(line, what))
            if value != getattr(line, what):
                raise BadInput(
                    f"{path}:{number}: found the {what} {getattr(line, what)} of {line.recording}, {value} above"
                )
    return found


def _line(where, row):
    for name in ("recording", "trace"):
        if Path(row[name]).is_absolute() or ".." in Path(row[name]).parts or not row[name]:
            raise BadInput(f"{where}: found the {name} {row[name]!r}, expected a path below the corpus's folder")
    for name in ("speaker", "rater"):
        if not fits(Name, row[name]):
            raise BadInput(f"{where}: found the {name} {row[name]!r}, expected {NAME}")
    check_name(row["target"], f"{where}: target")
    row["set"] = set_of(row["set"]) or row["set"]
    for name, expected in (("set", SETS), ("unit", ("s", "ms", ""))):
        if row[name] not in expected:
            shown = ", ".join(one or "nothing" for one in expected)
            raise BadInput(f"{where}: found the {name} {row[name]!r}, expected one of {shown}")
    row |= {name: row[name].replace(",", ".") for name in ("low", "high", "rate", "label_rate")}  # of spreadsheets
    row["low"], row["high"] = (csvs.value(*where.rsplit(":", 1), row[name]) for name in ("low", "high"))
    row["rate"] = csvs.value(*where.rsplit(":", 1), row["rate"]) if row["rate"] else None
    row["label_rate"] = csvs.value(*where.rsplit(":", 1), row["label_rate"])
    if row["low"] >= row["high"]:
        raise BadInput(f"{where}: found low {row['low']:g} and high {row['high']:g}, expected low < high")
    for name in ("rate", "label_rate"):
        if row[name] is not None and not 0 < row[name] <= MOST:
            raise BadInput(f"{where}: found the {name} {row[name]:g}, expected more than 0, up to {MOST} Hz")
    if bool(row["unit"]) == bool(row["rate"]):
        raise BadInput(f"{where}: found the unit {row['unit']!r} and rate {row['rate']}, expected one of the two")
    return Line(**row)


def name_of(text):
    """A text as a name: letters, digits, _ and -."""
    return re.sub(r"[^\w.-]+", "_", composed(text)).strip("_.-") or "x"


def ids_of(found):
    """The id of each recording, recording -> id: its speaker, - and what else is in its name.

    Kaldi needs the same order of utterances by id and by speaker: `-` ensures it, since it comes before all letters.
    """
    short = {line.recording: _joined(line.speaker, name_of(Path(line.recording).stem)) for line in found}
    count = Counter(short.values())
    return {
        one: key if count[key] == 1 else f"{key}-{name_of(str(Path(one).with_suffix('')))}"
        for one, key in short.items()
    }


def _joined(speaker, name):
    rest = name.removeprefix(speaker).lstrip("-_.")
    return f"{speaker}-{rest}" if rest else speaker


def summary(found):
    """What a table holds, as lines of text."""
    sets = {name: {line.recording: line.speaker for line in found if line.set == name} for name in SETS}
    speakers = {name: counted(len({*there.values()}), "speaker") for name, there in sets.items()}
    said = ", ".join(f"{name} {len(there)} ({speakers[name]})" for name, there in sets.items())
    count = len({line.recording for line in found})
    yield f"{counted(count, 'recording')}: {said}; {found[0].label_rate:g} labels a second"
    for target in sorted({line.target for line in found}):
        those = [line for line in found if line.target == target]
        scales = ", ".join(sorted({f"{line.low:g} to {line.high:g}" for line in those}))
        raters = listed(sorted({line.rater for line in those}))
        count = len({line.recording for line in those})
        marks = sorted({mark for line in those for mark in line.missing.split()})
        marks = "".join(f"; {mark} means no value" for mark in marks)
        yield f"{target}: {counted(count, 'recording')}, raters {raters}; scale of their values {scales}{marks}"
