"""Filterbank features of recordings: wav.scp -> an archive, as Kaldi's compute-fbank-feats."""

import time

from cer import wav
from cer.datadir import part, read_table, writing_archive
from cer.errors import BadInput, program
from cer.fbank import Fbank
from cer.files import write_text
from cer.options import Parser


def parser():
    """The command line."""
    options = Parser(__doc__)
    options.add_argument("wav_scp", help="utterance -> wav file or archive:offset")
    options.add_argument("stem", help="writes STEM.ark and .scp, .utt2num_frames, .utt2dur and .frame_shift")
    options.add_argument("--part", default="1/1", metavar="J/N", help="work on the J-th of N parts of wav.scp")
    options.add_argument("--compress", choices=["true", "false"], default="false", help="one byte a value, with loss")
    options.add_argument("--channel", type=int, default=0, help="of recordings with several, counted from 0")
    options.add_keywords(Fbank)
    return options


def compute(recordings, fbank, channel, write):
    """Write the features of each recording (id -> wav file); returns id -> number of frames, and id -> seconds."""
    started, num_frames, seconds = time.monotonic(), {}, {}
    for done, (key, source) in enumerate(recordings.items(), 1):
        if source.endswith("|"):
            raise BadInput(
                f"wav.scp: {key}: found the pipe {source!r}, expected a file; write its output into a wav file"
            )
        samples, rate = wav.read(source, channel)
        features, seconds[key] = fbank(samples, rate, key), f"{len(samples) / rate:.6g}"
        write(key, features)
        num_frames[key] = len(features)
        left = (time.monotonic() - started) / done * (len(recordings) - done)
        print(f"{key}: {len(features)} frames ({done} of {len(recordings)}, about {left:.0f} s left)", flush=True)
    return num_frames, seconds


@program
def main(argv=None):
    """Run the program."""
    options = parser()
    values = options.parse(argv)
    fbank = Fbank(**options.keywords(values, Fbank))
    recordings = part(read_table(values.wav_scp, "run stage 0"), values.part)
    with writing_archive(values.stem, values.compress == "true") as write:
        columns = compute(recordings, fbank, values.channel, write)
    for name, column in zip(("utt2num_frames", "utt2dur"), columns, strict=True):
        write_text(f"{values.stem}.{name}", "".join(f"{key} {value}\n" for key, value in column.items()))
    write_text(f"{values.stem}.frame_shift", f"{fbank.frame_shift / 1000:g}\n")


if __name__ == "__main__":
    main()
