"""Compute CMVN statistics per speaker: spk2utt, feats.scp -> an archive, as Kaldi's compute-cmvn-stats --spk2utt."""

from cer.base.errors import BadInput, program
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.base.words import counted
from cer.data import cmvn
from cer.data.datadir import Archive, writing_archive


def of_one_width(features, ids):
    """Yield the features of a speaker's utterances. Raises BadInput for one without frames or with other columns."""
    width = None
    for key in ids:
        matrix = features[key]
        width = width or matrix.shape[1]
        if not len(matrix) or matrix.shape[1] != width:
            raise BadInput(
                f"{features.scp}: {key}: found {len(matrix)} frames of {matrix.shape[1]} columns, expected"
                f" {f'{width} columns as in {ids[0]}' if width else 'a frame or more'}; make its features again, or"
                " remove its line and run utils/fix_data_dir.sh"
            )
        yield matrix


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("spk2utt", help="table: speaker -> utterance ids")
    options.add_argument("feats_scp", help="table: utterance -> features")
    options.add_argument("stem", help="writes STEM.ark and STEM.scp, keyed by speaker")
    values = options.parse(argv)
    features = Archive(values.feats_scp, "run stage 1 (steps/make_feats.sh)")
    speakers = {speaker: ids.split() for speaker, ids in read_table(values.spk2utt, "run stage 0").items()}
    missing = [f"{key} of {speaker}" for speaker, ids in speakers.items() for key in ids if key not in features]
    if missing:
        raise BadInput(
            f"{values.feats_scp}: {', '.join(missing[:5])} missing ({len(missing)} in all); run stage 1 again"
        )
    with writing_archive(values.stem) as write:
        for speaker, ids in speakers.items():
            write(speaker, cmvn.statistics(of_one_width(features, ids)))
    print(f"CMVN statistics of {counted(len(speakers), 'speaker')}")


if __name__ == "__main__":
    main()
