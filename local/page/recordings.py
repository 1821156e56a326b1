"""The recordings of a report: traces of all, and sound as far as it fits on the page.

Traces may take half of the page's room. Where more are wanted, they are thinned to means over several values, but to no
fewer than POINTS values; if that is not enough, the page has only the systems that it shows at first, and if that is
not enough either, only the first recordings. Sound takes the rest of the room, the worst recordings first.
"""

import itertools
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor

from cer.base.errors import BadInput, listed, warn
from cer.base.files import read_text
from cer.base.tables import read_table
from cer.data.datadir import Archive, label_shift, labels_of
from cer.data.targets import meanings
from local.page import packed, sound
from local.results.systems import outputs, scored

GOLD = "gold standard"
POINTS = 500  # values that a thinned trace keeps: about as many as a plot has pixels
FOR_TRACES = 0.5  # share of the room
VALUE, HEAD, TAGS = 8 / 3, 180, 300  # bytes of a value, and of the heads of a trace and a recording
EVERY = 5  # s between messages while sound is encoded, which takes longest
TOO_LARGE = "The sound of this recording was left out, to keep this page small."


class Set:
    """The recordings of one set, with sound, labels, raters' traces and predictions."""

    def __init__(self, data, exp, name):
        """data, exp: folders of the corpus. Raises BadInput when no system was scored on the set."""
        self.name, folder = name, data / name
        self.shift, systems = label_shift(folder), scored(exp, name)
        self.targets, self.meanings = list(systems), meanings(folder)
        self.gold = {target: labels_of(folder, target) for target in systems}
        self.predictions = {
            target: {system: Archive(outputs(where)[0], "run stage 4") for system, where in each.items()}
            for target, each in systems.items()
        }
        ratings = {target: folder / "ratings" / f"{target}.scp" for target in systems}
        self.ratings = {target: Archive(path, gaps=True) for target, path in ratings.items() if path.exists()}
        raters = folder / "ratings" / "raters"
        self.raters = read_text(raters, "run stage 0 again").split() if raters.exists() else []
        try:
            self.wavs = read_table(folder / "wav.scp")
        except BadInput as error:
            warn(f"set {name} is shown without sound: {error}")
            self.wavs = {}

    def keys(self):
        """List the recordings that have labels, sorted."""
        return sorted({key for archive in self.gold.values() for key in archive})

    def rows(self, key):
        """How many labels a recording has."""
        return max(len(archive[key]) for archive in self.gold.values() if key in archive)

    def lines(self, systems):
        """How many traces a recording has at most; systems: those to show."""
        return sum(len(systems & each.keys()) + 1 + len(self.raters) for each in self.predictions.values())

    def recording(self, key, systems, every=1, ccc=""):
        """Encode the traces of one recording for the page, means over `every` values; ccc: what to say beside its name.

        Drawing order: raters, then systems, then the gold standard on top.
        """
        traces = []

        def add(name, values):
            traces.append(packed.trace(name, target, values, self.shift, every=every))

        for target in self.targets:
            if key in self.ratings.get(target, {}):
                for rater, values in zip(self.raters, self.ratings[target][key].T, strict=False):
                    add(rater, values)
            for system, archive in self.predictions[target].items():
                if system in systems and key in archive:
                    add(system, archive[key][:, 0])
            if key in self.gold[target]:
                add(GOLD, self.gold[target][key][:, 0])
        return packed.recording(key, traces, self.name, ccc=ccc)


def choose_recordings(sets, room, said, shown, worst):
    """Encode recordings in order, as many as fit into so many bytes: (encoded, what was done to fit them, texts).

    said: (set, recording) -> what to say beside its name; shown: names of the systems to keep where there is no room
    for all; worst: list of (set, recording), those first that are worth listening to.
    """
    wanted = [(one, key) for one in sets for key in one.keys()]  # noqa: SIM118 (not a dict)
    systems, every, notes = thinned(sets, wanted, room * FOR_TRACES, shown)
    made, sources = [], []
    for one, key in wanted:
        made.append(one.recording(key, systems, every, said.get((one.name, key), "")))
        sources.append(one.wavs.get(key))
        room -= len(json.dumps(made[-1])) + TAGS
        if room < 0:
            made.pop()
            break
    rank = {place: n for n, place in enumerate(worst)}
    if silent := add_sound(made, sources, room, lambda one: rank.get((one["set"], one["name"]), len(rank))):
        notes.append(f"recordings without sound: {listed(silent)}")
    if left_out := [f"{key} ({one.name})" for one, key in wanted[len(made) :]]:
        notes.append(f"recordings left out: {listed(left_out)}")
    return made, notes


def thinned(sets, wanted, room, shown):
    """How to fit traces into `room` bytes: (systems to draw, a set; how many values become one mean; notes, texts).

    wanted: list of (Set, recording); shown: the systems that stay if not all fit.
    """
    systems = {system for one in sets for each in one.predictions.values() for system in each}
    rows = [(one, one.rows(key)) for one, key in wanted]
    shortest = max(1, min((count for _, count in rows), default=1) // POINTS)
    shown = systems & {*shown}
    for some in (systems, shown):
        left = room - sum(HEAD * one.lines(some) for one, _ in rows)
        needed = sum(VALUE * one.lines(some) * count for one, count in rows)
        every = math.ceil(needed / left) if left > 0 else math.inf
        if every <= shortest:
            break
    notes = [f"traces are of {', '.join(sorted(shown))} only"] if some != systems else []
    every = min(max(every, 1), shortest)
    if every > 1:
        notes.append(f"traces are means over {every} values")
    return some, every, notes


def add_sound(recordings, sources, room, rank):
    """Add sound to recordings, lowest rank first, as far as it fits into so many bytes; returns the others' names."""
    pairs = [(one, source) for one, source in zip(recordings, sources, strict=False) if source]
    pairs.sort(key=lambda pair: rank(pair[0]))
    sizes = itertools.accumulate(sound.size_of(one["seconds"]) for one, _ in pairs)
    fit = sum(1 for size in sizes if size <= room)
    begun = told = time.monotonic()
    with ThreadPoolExecutor() as pool:  # threads suffice: the sound encoder is not Python code
        encoded = pool.map(lambda pair: sound.heard(pair[0]["name"], pair[1]), pairs[:fit])
        for number, ((one, _), heard) in enumerate(zip(pairs, encoded, strict=False), 1):
            if (now := time.monotonic()) >= told + EVERY:
                left, told = (now - begun) / number * (fit - number), now
                print(f"sound: {number} of {fit} recordings encoded, about {left:.0f} s left", flush=True)
            room -= len(json.dumps(heard))
            if heard["audio"]:
                one |= heard | {"silent": ""} if room >= 0 else {"silent": TOO_LARGE}
    for one, _ in pairs[fit:]:
        one["silent"] = TOO_LARGE
    return [f"{one['name']} ({one['set']})" for one in recordings if one["silent"] == TOO_LARGE]
