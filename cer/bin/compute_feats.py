"""Compute the features of a data directory with a front end: wav.scp, segments -> an archive.

The default front end, fbank, computes the same as Kaldi's compute-fbank-feats.
"""

from typing import Annotated

from cer.base.errors import BadInput, program
from cer.base.files import write_text
from cer.base.kinds import Range
from cer.base.options import Parser, peek
from cer.data.datadir import part, writing_archive
from cer.data.recordings import Recordings
from cer.features import front_end, names

PIPES_NEED = "a file; pipes run commands: allow them with --allow-pipes true, or write the output into a wav file"
Channel = Annotated[int, Range(-1, 100_000)]
SHOWN = 10  # failed utterances in the error message; the log lists all


def parser(name):
    """Return the command-line parser for a front end: its options are the keyword arguments of its constructor."""
    options = Parser(__doc__)
    options.add_argument("--features", default="fbank", help=f"the front end: {', '.join(names())} (default: fbank)")
    options.add_argument("data", help="data directory with wav.scp and, optionally, segments")
    options.add_argument("stem", help="output: STEM.ark, .scp, .utt2num_frames, .utt2dur and .frame_shift")
    options.add_argument("--part", default="1/1", metavar="J/N", help="process the J-th of N parts of the utterances")
    options.add_argument(
        "--compress", choices=["true", "false"], default="false", help="lossy, one byte per value (default: false)"
    )
    options.add_argument(
        "--channel", type=Channel, default=-1, help="counted from 0; -1: as in reco2file_and_channel, or the first"
    )
    options.add_argument(
        "--allow-pipes", choices=["true", "false"], default="false", help="run commands in wav.scp (default: false)"
    )
    options.add_keywords(front_end(name))
    return options


def compute(recordings, share, features_of, write):
    """Write the features of a part of the utterances; returns two dicts by utterance: number of frames, and seconds.

    recordings: Recordings; share: part `J/N`; features_of: (pieces of samples, rate, utterance) -> float32 (T, D);
    write: called with (utterance, features). Raises BadInput at the end if utterances failed; it lists the first ones.
    """
    num_frames, seconds, failed = {}, {}, []
    keys = list(part(dict.fromkeys(recordings), share))
    for done, key in enumerate(keys, 1):
        try:
            with recordings.opened(key) as (rate, pieces):
                lengths = []
                features = features_of((lengths.append(len(piece)) or piece for piece in pieces), rate, key)
                seconds[key] = f"{sum(lengths) / rate:.6g}"
        except BadInput as error:
            failed.append(str(error))
            print(f"{key}: failed: {error}", flush=True)
            continue
        write(key, features)
        num_frames[key] = len(features)
        print(f"{done} of {len(keys)}: {key}, {len(features)} frames", flush=True)
    if failed:
        raise BadInput("\n".join([*failed[:SHOWN], f"{len(failed)} of {len(keys)} utterances failed"]))
    return num_frames, seconds


@program
def main(argv=None):
    """Run the program."""
    name = peek(argv, "features", "fbank")
    Features = front_end(name)
    if not Features.archived:
        raise BadInput(
            f"--features={name}: found a front end whose frames are never archived,"
            " expected one for stage 1; leave it out: an architecture that needs it names it itself, as end_to_end does"
        )
    options = parser(name)
    values = options.parse(argv)
    features = Features(**options.keywords(values, Features))
    pipes, channel = values.allow_pipes == "true", values.channel if values.channel >= 0 else None
    recordings = Recordings(values.data, allow_pipes=pipes, channel=channel, pipes_need=PIPES_NEED)
    with writing_archive(values.stem, values.compress == "true") as write:
        columns = compute(recordings, values.part, features.of_pieces, write)
    for name, column in zip(("utt2num_frames", "utt2dur"), columns, strict=True):
        write_text(f"{values.stem}.{name}", "".join(f"{key} {value}\n" for key, value in column.items()))
    write_text(f"{values.stem}.frame_shift", f"{features.frame_seconds:g}\n")


if __name__ == "__main__":
    main()
