"""The files of a Kaldi data directory, and the type of their ids: utterances, recordings or speakers."""

from pathlib import Path

from cer.base.errors import BadInput
from cer.base.facts import others_made
from cer.base.files import read_text
from cer.base.tables import Table, fields, read_table

BY_UTTERANCE = [
    "feats.scp",
    "text",
    "vad.scp",
    "utt2lang",
    "utt2uniq",
    "utt2dur",
    "utt2num_frames",
    "utt2warp",
    "segments",
]
BY_SPEAKER = ["cmvn.scp", "spk2gender", "spk2warp"]
BY_RECORDING = ["wav.scp", "reco2dur", "reco2file_and_channel"]  # without segments, an utterance is a recording
# Files that describe a whole directory. With feats.scp: seconds between frames, and options of the front end. With
# labels: seconds between labels, and the names of the raters, which are the columns of ratings/*.scp.
WHOLE = ["frame_shift", "conf/*.conf"]
WHOLE_OF_LABELS = ["label_shift", "ratings/raters"]
CORPORA = "corpora"  # what corpora the directory is of, a line each
TARGETS = "targets"  # what the ends of the labels' scales mean, where the corpus has its own
KNOWN = {"utt2spk", "spk2utt", *BY_UTTERANCE, *BY_SPEAKER, *BY_RECORDING}


def further_scps(directory, utterances):
    """List the scp files that are not Kaldi's and whose ids are utterances: labels such as arousal.scp."""
    others = [name for name in scps(directory) if name not in KNOWN]
    return [name for name in others if not utterances.isdisjoint(Table(Path(directory) / name).keys())]


def scps(directory):
    """List the scp files of a directory, with those in ratings/."""
    paths = [path for pattern in ("*.scp", "ratings/*.scp") for path in Path(directory).glob(pattern)]
    return sorted(str(path.relative_to(directory)) for path in paths)


def read_whole(directory):
    """Read the files that describe the whole directory: name -> text; no conf/ if another program made its features."""
    directory = Path(directory)
    paths = [
        path
        for name in [*WHOLE, *WHOLE_OF_LABELS, CORPORA, TARGETS]
        for path in sorted(directory.glob(name))
        if path.is_file() and not others_made(directory / f".done.{path.stem}", directory / "feats.scp", path)
    ]
    return {str(path.relative_to(directory)): read_text(path) for path in paths}


def existing(directory, names):
    """Select the names that are files of the directory."""
    return [name for name in names if (Path(directory) / name).is_file()]


def read(directory, name):
    """Read a table of the directory, sorted by id. Raises BadInput with the line that Kaldi could not read."""
    return dict(sorted(read_table(Path(directory) / name, bare=name == "text", empty=True).items()))


def read_utt2spk(directory):
    """Read utt2spk as a dict. Raises BadInput if it is missing or invalid."""
    path = Path(directory) / "utt2spk"
    if not path.is_file():
        raise BadInput(f"{path}: no such file; expected a data directory, which has utt2spk")
    return checked_speakers(path, read(directory, "utt2spk"))


def checked_speakers(path, utt2spk):
    """Return utt2spk unchanged. Raises BadInput unless it has utterances, with one speaker each."""
    for utterance, speaker in utt2spk.items():
        if len(fields(speaker)) != 1:
            raise BadInput(f"{path}: found '{utterance} {speaker}', expected two fields: an utterance and its speaker")
    if not utt2spk:
        raise BadInput(f"{path}: is empty, expected a line an utterance: its id and its speaker's")
    return utt2spk


def recording_of(directory, utterances):
    """Return the recording of each utterance: field 2 of segments; without that file, the utterance itself."""
    if not (Path(directory) / "segments").is_file():
        return {utterance: utterance for utterance in utterances}
    segments = Table(Path(directory) / "segments").as_dict()
    return {utterance: fields(segments[utterance])[0] for utterance in utterances if segments.get(utterance)}
