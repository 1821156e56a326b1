"""The files of a Kaldi data directory, and what the ids in each of them are."""

from pathlib import Path

from cer.base.errors import BadInput
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
BY_RECORDING = ["wav.scp", "reco2dur", "reco2file_and_channel"]  # an utterance is a recording where no segments are
# Files that hold for a directory as a whole: seconds between frames, and options of the features, which go with
# feats.scp; and what goes with labels: seconds between them, and the raters, who are the columns of ratings/*.scp.
WHOLE = ["frame_shift", "conf/*.conf"]
WHOLE_OF_LABELS = ["label_shift", "ratings/raters"]
KNOWN = {"utt2spk", "spk2utt", *BY_UTTERANCE, *BY_SPEAKER, *BY_RECORDING}


def further_scps(directory, utterances):
    """Names of scp files that Kaldi does not know but whose ids are utterances: labels such as arousal.scp."""
    others = [name for name in scps(directory) if name not in KNOWN]
    return [name for name in others if not utterances.isdisjoint(Table(Path(directory) / name).keys())]


def scps(directory):
    """Names of all scp files of a directory, those in ratings/ too."""
    paths = [path for pattern in ("*.scp", "ratings/*.scp") for path in Path(directory).glob(pattern)]
    return sorted(str(path.relative_to(directory)) for path in paths)


def read_whole(directory):
    """The texts of the files that hold for the directory as a whole: name -> text."""
    paths = [path for name in WHOLE + WHOLE_OF_LABELS for path in sorted(Path(directory).glob(name)) if path.is_file()]
    return {str(path.relative_to(directory)): read_text(path) for path in paths}


def existing(directory, names):
    """Those of the names that are files of the directory."""
    return [name for name in names if (Path(directory) / name).is_file()]


def read(directory, name):
    """A keyed file of the directory, sorted by id. Raises BadInput, naming the line, for what Kaldi could not read."""
    return dict(sorted(read_table(Path(directory) / name, bare=name == "text", empty=True).items()))


def read_utt2spk(directory):
    """utt2spk as a dict, when the tools that make directories need it to be right."""
    path = Path(directory) / "utt2spk"
    if not path.is_file():
        raise BadInput(f"{path}: no such file; expected a data directory, which has utt2spk")
    return checked_speakers(path, read(directory, "utt2spk"))


def checked_speakers(path, utt2spk):
    """utt2spk as it came, when each utterance has one speaker; raises BadInput otherwise."""
    for utterance, speaker in utt2spk.items():
        if len(fields(speaker)) != 1:
            raise BadInput(f"{path}: found '{utterance} {speaker}', expected two fields: an utterance and its speaker")
    if not utt2spk:
        raise BadInput(f"{path}: is empty, expected a line an utterance: its id and its speaker's")
    return utt2spk


def recording_of(directory, utterances):
    """The recording of each utterance: field 2 of segments, or the utterance itself where there is no such file."""
    if not (Path(directory) / "segments").is_file():
        return {utterance: utterance for utterance in utterances}
    segments = Table(Path(directory) / "segments").as_dict()
    return {utterance: fields(segments[utterance])[0] for utterance in utterances if segments.get(utterance)}
