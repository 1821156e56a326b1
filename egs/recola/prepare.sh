#!/usr/bin/env bash
# Stage 0 for RECOLA, in either of its layouts: makes the data directories train, dev and test with labels.
# shellcheck disable=SC2034 # run.sh passes --nj and --cmd to every prepare.sh; this one needs no jobs

. "$(dirname "$0")/../../utils/as_one.sh"

# Begin configuration section.
opts=                      # options of the preparation; python3 -m egs.recola.prepare --help lists them
nj=4                       # not used
cmd=run.py                 # not used
# End configuration section.

help_message="Usage: $0 [options] <corpus-dir> <data-dir>
e.g.: $0 --opts \"--gold-standard=ewe --annotators=FM1,FM2,FM3,FF1,FF2\" /data/RECOLA data/recola"
. steps/start.sh

licence="RECOLA is licensed: academic staff ask its authors (University of Fribourg) for it"
steps/prepare_corpus.sh --opts "$opts" --licence "$licence" --unused "*feature*" --suffixes "wav csv arff" egs/recola/prepare.py "$1" "$2"
