"""Low-level descriptors of eGeMAPS, every 10 ms, by openSMILE: a data directory -> an archive, as compute_fbank_feats.

Eyben et al. [8]; Valstar et al. [2] and Povolny et al. [7] start from these. openSMILE does not come with the recipe:
its licence (free for research and private use) is between audEERING and whoever installs it: pip install opensmile.
"""

import numpy as np

from cer.base.errors import BadInput, program
from cer.base.files import write_text
from cer.base.options import Parser
from cer.bin.compute_fbank_feats import compute
from cer.data.datadir import writing_archive
from cer.data.recordings import Recordings

FRAME_SHIFT = 0.01  # s


def descriptors():
    """A function (samples, rate, key) -> float32 (T, 25). Raises BadInput when openSMILE is not there."""
    try:
        import opensmile
    except ImportError:
        raise BadInput(
            "the Python package opensmile is not installed; if its licence suits you: python3 -m pip install opensmile"
            " (with the recipe's Python, . ./path.sh)"
        ) from None
    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)

    def describe(samples, rate, key):
        table = smile.process_signal(samples / 32768, int(rate)).to_numpy(np.float32)
        return np.nan_to_num(table)  # what has no value in a silent frame is 0, as openSMILE's own files have it

    return describe


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="data directory with wav.scp, and segments if there are")
    options.add_argument("stem", help="writes STEM.ark and .scp, .utt2num_frames and .frame_shift")
    options.add_argument("--part", default="1/1", metavar="J/N", help="work on the J-th of N parts of the utterances")
    values = options.parse(argv)
    describe = descriptors()
    with writing_archive(values.stem) as write:
        num_frames, _ = compute(Recordings(values.data), values.part, describe, write)
    write_text(f"{values.stem}.utt2num_frames", "".join(f"{key} {count}\n" for key, count in num_frames.items()))
    write_text(f"{values.stem}.frame_shift", f"{FRAME_SHIFT:g}\n")


if __name__ == "__main__":
    main()
