#!/usr/bin/env bash
# Stage 0 for the SEMAINE database: makes the data directories train, dev and test with labels.
# shellcheck disable=SC2034 # run.sh passes --nj and --cmd to every prepare.sh; this one needs no jobs

. "$(dirname "$0")/../../utils/as_one.sh"

# Begin configuration section.
opts=                      # options of the preparation; python3 -m egs.semaine.prepare --help lists them
nj=4                       # not used
cmd=run.py                 # not used
# End configuration section.

help_message="Usage: $0 [options] <corpus-dir> <data-dir>
e.g.: $0 --opts \"--label-shift=0.1\" /data/SEMAINE data/semaine"
. steps/start.sh

licence="SEMAINE is licensed: academic staff sign an agreement at semaine-db.eu"
steps/prepare_corpus.sh --opts "$opts" --licence "$licence" --suffixes "wav txt xml" egs/semaine/prepare.py "$1" "$2"
