#!/usr/bin/env bash
# Stage 0 for SEMAINE as AVEC 2012 gave it out: makes the data directories train, dev and test with labels.
# shellcheck disable=SC2034 # run.sh passes --nj and --cmd to every prepare.sh; this one needs no jobs

. "$(dirname "$0")/../../utils/as_one.sh"

# Begin configuration section.
opts=                      # options of the preparation; python3 -m egs.avec2012.prepare --help lists them
nj=4                       # not used
cmd=run.py                 # not used
# End configuration section.

help_message="Usage: $0 [options] <corpus-dir> <data-dir>
e.g.: $0 --opts \"--scale=expectancy=0:100\" /data/AVEC2012 data/avec2012"
. steps/start.sh

licence="SEMAINE is licensed: academic staff sign an agreement at semaine-db.eu"
steps/prepare_corpus.sh --opts "$opts" --licence "$licence" --unused "*feature*" --suffixes "wav dat" egs/avec2012/prepare.py "$1" "$2"
