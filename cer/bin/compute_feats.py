"""Features of a data directory by one of the front ends: wav.scp, segments -> an archive.

With the default front end, fbank, what Kaldi's compute-fbank-feats computes.
"""

import argparse
import time
from typing import Annotated

from cer.base.errors import BadInput, program
from cer.base.files import write_text
from cer.base.kinds import Range
from cer.base.options import Parser
from cer.data.datadir import part, writing_archive
from cer.data.recordings import Recordings
from cer.features import front_end, names

PIPES_NEED = "a file; pipes run commands: allow them with --allow-pipes true, or write the output into a wav file"
Channel = Annotated[int, Range(-1, 100_000)]
SHOWN = 10  # utterances that failed, in the message; the log names all


def parser(name):
    """The command line for one front end: its options come from its constructor."""
    options = Parser(__doc__)
    options.add_argument("--features", default="fbank", help=f"the front end: {', '.join(names())} (default: fbank)")
    options.add_argument("data", help="data directory with wav.scp, and segments if there are")
    options.add_argument("stem", help="writes STEM.ark and .scp, .utt2num_frames, .utt2dur and .frame_shift")
    options.add_argument("--part", default="1/1", metavar="J/N", help="work on the J-th of N parts of the utterances")
    options.add_argument("--compress", choices=["true", "false"], default="false", help="one byte a value, with loss")
    options.add_argument(
        "--channel", type=Channel, default=-1, help="from 0; -1: reco2file_and_channel's, or the first"
    )
    options.add_argument("--allow-pipes", choices=["true", "false"], default="false", help="run commands in wav.scp")
    options.add_keywords(front_end(name))
    return options


def compute(recordings, share, features_of, write):
    """Write the features of each utterance of a share, `J/N`; returns utterance -> number of frames, and -> seconds.

    recordings: Recordings; features_of: (samples, rate, utterance) -> float32 (T, D); write: (utterance, features).
    Raises BadInput at the end when utterances failed, naming them: none is left out without a word.
    """
    started, num_frames, seconds, failed = time.monotonic(), {}, {}, []
    keys = list(part(dict.fromkeys(recordings), share))
    for done, key in enumerate(keys, 1):
        try:
            samples, rate = recordings[key]
            features, seconds[key] = features_of(samples, rate, key), f"{len(samples) / rate:.6g}"
        except BadInput as error:
            failed.append(str(error))
            print(f"{key}: failed: {error}", flush=True)
            continue
        write(key, features)
        num_frames[key] = len(features)
        left = (time.monotonic() - started) / done * (len(keys) - done)
        print(f"{key}: {len(features)} frames ({done} of {len(keys)}, about {left:.0f} s left)", flush=True)
    if failed:
        raise BadInput("\n".join([*failed[:SHOWN], f"{len(failed)} of {len(keys)} utterances failed"]))
    return num_frames, seconds


@program
def main(argv=None):
    """Run the program."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--features", default="fbank")
    Features = front_end(first.parse_known_args(argv)[0].features)
    options = parser(first.parse_known_args(argv)[0].features)
    values = options.parse(argv)
    features = Features(**options.keywords(values, Features))
    pipes, channel = values.allow_pipes == "true", values.channel if values.channel >= 0 else None
    recordings = Recordings(values.data, allow_pipes=pipes, channel=channel, pipes_need=PIPES_NEED)
    with writing_archive(values.stem, values.compress == "true") as write:
        columns = compute(recordings, values.part, features, write)
    for name, column in zip(("utt2num_frames", "utt2dur"), columns, strict=True):
        write_text(f"{values.stem}.{name}", "".join(f"{key} {value}\n" for key, value in column.items()))
    write_text(f"{values.stem}.frame_shift", f"{features.frame_seconds:g}\n")


if __name__ == "__main__":
    main()
