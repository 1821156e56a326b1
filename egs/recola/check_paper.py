"""Compare a copy of RECOLA with the corpus of the paper; say what each difference means for the results.

Reads the recordings' headers and all labels, and writes nothing. Takes the options of prepare.py. Exit status 1 if
something is missing without which training cannot begin. The last line of the output has the hours of sound.
"""

from pathlib import Path

from cer.base.errors import BadInput, listed, program
from cer.corpora.labelling import names_of, taken
from cer.corpora.partition import read_partition
from cer.corpora.preparation import check_length, chosen
from cer.scoring import gold_standard
from cer.scoring.metrics import ccc
from cer.sound import wav
from egs.recola.layouts import SETS, choose, find
from egs.recola.prepare import AVEC_PARTITION, kind_of, parser, partition_of, rated_of

RECORDINGS = {"original release": (46, 27), "AVEC 2015/2016 package": (27,)}  # 46, or those of the paper alone
RATERS = ["FM1", "FM2", "FM3", "FF1", "FF2", "FF3"]
SPEAKERS, SECONDS, SLACK, ROWS, SHIFT = 9, 300, 0.1, 7501, 0.04  # Section 3: a set, a recording, labels
ALIKE = 0.999  # CCC of the package's gold standard with what AVEC 2016's method makes of its raters
SWAPPED = 0.9  # below it, the labels are of something else
FINE, DIFFERS, MISSING = "as expected", "DIFFERS", "MISSING"


class Check:
    """What was found: `lines` of (state, what, found, meaning), and `seconds` of sound, of each recording."""

    def __init__(self, layout, sets, targets, choice):
        """sets: name -> ids; choice: of labels, as chosen() gives it."""
        self.layout, self.sets, self.targets = layout, sets, targets
        self.method, self.annotators = choice["method"], choice["annotators"]
        self.lines, self.seconds = [], {}
        self._raters, self._files = {}, {}  # the first file with each row of names, and with each content

    def say(self, what, found, differs="", meaning="", missing=False):
        """Add a line: found, as expected unless `differs` says how it is not; meaning: for the results."""
        state = MISSING if missing else DIFFERS if differs else FINE
        self.lines.append((state, what, f"{found}; {differs}" if differs and found else differs or found, meaning))

    def corpus(self, kind):
        """Check that it is RECOLA; kind: a result of kind_of()."""
        differs = "" if kind == "RECOLA" else "expected RECOLA"
        self.say("corpus", kind, differs, "its figures say nothing about the paper's")

    def recordings(self):
        """Check how many recordings there are."""
        expected, count = RECORDINGS[self.layout.name], len(self.layout.recordings())
        used = sum(map(len, self.sets.values()))
        meaning = "nothing as long as the sets below are whole" if used == 3 * SPEAKERS else "some sets are not whole"
        self.say(
            "recordings", count, "" if count in expected else f"expected {' or '.join(map(str, expected))}", meaning
        )

    def partition(self, partition, given):
        """Check that the sets are AVEC 2016's, and whole; partition: set -> ids, AVEC's or the user's."""
        if self.layout.sets and not given:
            wanted = {name: [f"{name}_{n + 1}" for n in range(SPEAKERS)] for name in SETS}
        else:
            wanted = read_partition(AVEC_PARTITION)
        other = given and any({*partition[name]} != {*wanted[name]} for name in SETS)
        whose = "the user's" if other else "AVEC 2016's"
        self.say(
            "partition",
            whose,
            "expected AVEC 2016's" if other else "",
            "dev and test are other people than the paper's: its figures and ours are not comparable",
        )
        for name in SETS:
            lacking = [] if other else sorted({*wanted[name]} - {*self.sets[name]})
            differs = f"without {listed(lacking)}" if lacking else ""
            meaning = "figures are of fewer people than the paper's"
            if name == "test" and not self.sets[name]:
                meaning = "no test figures, and no predictions to submit"
            self.say(f"{name} set", f"{len(self.sets[name])} recordings", differs, meaning)

    def sound(self):
        """Check that every recording can be read and lasts five minutes."""
        unlike, broken, rates = [], [], set()
        for key in self._keys():
            try:
                count, rate = wav.length(self.layout.wav(key))
            except BadInput as error:
                broken.append(str(error))
                continue
            rates.add(rate)
            self.seconds[key] = count / rate
            if abs(count / rate - SECONDS) > SLACK:
                unlike.append(f"{key} {count / rate:.2f} s")
        found = f"{SECONDS} s, at " if rates and not unlike else ""
        found += " and ".join(f"{rate} Hz" for rate in sorted(rates)) or "none"
        if broken:
            self.say("sound", "", listed(broken), "copy these recordings again", missing=True)
        differs = f"not {SECONDS} s: {listed(unlike)}" if unlike else ""
        self.say("lengths", found, differs, "the paper's recordings last five minutes: is the copy whole?")

    def labels(self):
        """Check the labels of every target and set: there, 7501 rows, six raters, no copies; and the gold standards.

        Preparation takes only recordings with the same raters.
        """
        for target in self.targets:
            for name in SETS:
                self._labels(target, name)
            self._gold_standard(target)
        if len(self._raters) > 1:
            found = listed([f"{', '.join(names)} in {path}" for names, path in self._raters.items()], 3)
            cure = "copy these files again, or take raters whom all have: --corpus-opts --annotators=FM1,FM2"
            self.say("raters", found, "expected the same in all files, in one order", cure, missing=True)

    def _labels(self, target, name):
        """Check the labels of a target and a set."""
        odd = {kind: [] for kind in ("broken", "lacking", "copies", "rows", "raters")}
        for key in self.sets[name]:
            for kind, words in self._oddities(target, key):
                odd[kind].append(words)
        what, total = f"{target} of {name}", len(self.sets[name])
        there = total - len(odd["broken"]) - len(odd["lacking"])
        if odd["broken"]:
            self.say(what, "", listed(odd["broken"], 3), "copy these files again", missing=True)
        if odd["lacking"] or not odd["broken"]:
            path = self.layout.expected(target, odd["lacking"][0], self.method) if odd["lacking"] else ""
            differs = f"none of {listed(odd['lacking'])} (no such file {path})" if odd["lacking"] else ""
            missing = bool(odd["lacking"]) and name != "test"
            self.say(what, f"labels of {there} of {total}", differs, _without_labels(name, there), missing)
        if odd["copies"]:
            meaning = "a file stands in the place of another: copy these again"
            self.say(f"{what}, copies", "", f"the same labels: {listed(odd['copies'], 3)}", meaning)
        if odd["rows"]:
            differs = f"{listed(odd['rows'])}; expected {ROWS} every {SHIFT} s"
            self.say(f"{what}, rows", "", differs, "is the copy whole?")
        if odd["raters"]:
            meaning = "gold standard and ceiling are of other raters than the paper's"
            if self.method == "given" and not self.annotators:
                meaning = (
                    "the labels are the package's all the same; the section on the raters' ceiling is without these"
                )
            differs = f"{listed(odd['raters'], 2)}; expected {', '.join(RATERS)}"
            self.say(f"{what}, raters", "", differs, meaning)

    def _oddities(self, target, key):
        """What is odd about the labels of a recording: yields (kind, words)."""
        try:
            gold, ratings = self._labels_of(target, key)
        except BadInput as error:
            yield "broken", str(error)
            return
        if not (labels := gold or ratings):
            yield "lacking", key
            return
        if (first := self._files.setdefault(labels.values.tobytes(), labels.path)) != labels.path:
            yield "copies", f"{key} as {first}"
        if labels.values.shape[1] != ROWS or abs(labels.shift - SHIFT) > 1e-9:
            yield "rows", f"{key} {labels.values.shape[1]} every {labels.shift:g} s"
        if ratings:
            self._raters.setdefault((*ratings.names,), ratings.path)
        if ratings is None or sorted(ratings.names) != sorted(RATERS):
            yield "raters", f"{key} ({'none' if ratings is None else ', '.join(ratings.names)})"

    def _gold_standard(self, target):
        """Compare the package's gold standard with that of its raters, recording by recording."""
        meaning = "the paper's labels are AVEC 2016's"
        if self.method != "given":
            differs = "" if self.method == "avec" else "expected AVEC 2016's method, avec"
            self.say(f"{target}, gold standard", f"of the raters, --gold-standard={self.method}", differs, meaning)
            return
        found = {}
        for key in self._keys():
            try:
                gold, ratings = self._labels_of(target, key)
            except BadInput:
                continue  # said above
            if gold and ratings and ratings.values.shape[1] == gold.values.shape[1]:
                found[key] = float(ccc(gold.values[0], gold_standard.avec(ratings.values, f"{target}/{key}")))
        if found:
            worst = min(found, key=found.get)
            said = f"the package's; CCC with AVEC 2016's method on its raters {found[worst]:.4f} or more ({worst})"
            differs = f"expected {ALIKE} or more" if found[worst] < ALIKE else ""
            meaning = "the ceiling, which takes the raters, is of slightly other labels than the scores"
            if found[worst] < SWAPPED:
                meaning = "these labels are of other raters or of another recording: is the copy whole?"
            self.say(f"{target}, gold standard", said, differs, meaning)

    def _labels_of(self, target, key):
        """What labels are made of: Traces of the gold standard, if that is used, and of the raters; None for none."""
        rated = rated_of(self.layout, target, key, self.method)
        found = taken(rated, self.method, names_of(self.annotators), same_raters=True) if rated else (None, None)
        for trace in filter(None, found if key in self.seconds else ()):
            check_length(trace, self.seconds[key])
        return found

    def _keys(self):
        return [key for name in SETS for key in self.sets[name]]


def _without_labels(name, there):
    """What it means that a set lacks labels; there: how many recordings have some."""
    if name != "test":
        return "training needs them" if name == "train" else "the choice of the best epoch needs them"
    if there:
        return "test figures are of the recordings with labels; the paper's are of nine"
    return "no test figures; predictions are made, to be sent to who has the labels"


@program
def main(argv=None):
    """Run the program."""
    options = parser(__doc__)
    values = options.parse(argv)
    if not Path(values.corpus).is_dir():
        raise BadInput(f"{values.corpus}: no such folder; pass --corpus-dir with your copy (egs/recola/README.md)")
    layout = find(values.corpus)
    partition, given = partition_of(values)
    sets = choose(layout, partition, given)
    check = Check(layout, sets, values.targets, chosen(options, values, given=layout.gold))
    check.corpus(kind_of(values.corpus))
    check.recordings()
    check.partition(partition, given)
    check.sound()
    check.labels()
    print(f"{values.corpus}: {layout.name}, beside what the paper worked on:")
    for state, what, found, meaning in check.lines:
        print(f"  {state:<12} {what}: {found}" + (f". That means: {meaning}" if state != FINE else ""))
    print(f"hours of sound: {sum(check.seconds.values()) / 3600:.4g}")
    if missing := [what for state, what, _, _ in check.lines if state == MISSING]:
        raise BadInput(f"{values.corpus}: {listed(missing)}: see MISSING above; nothing was begun")


if __name__ == "__main__":
    main()
