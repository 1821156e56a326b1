#!/usr/bin/env bash
# Stage 0 for SEWA, as AVEC 2017, 2018 and 2019 gave it out: makes the data directories train, dev and test with labels.
# shellcheck disable=SC2034 # run.sh passes --nj and --cmd to every prepare.sh; this one needs no jobs

. "$(dirname "$0")/../../utils/as_one.sh"

# Begin configuration section.
opts=                      # options of the preparation; python3 -m egs.sewa.prepare --help lists them
nj=4                       # not used
cmd=run.py                 # not used
# End configuration section.

help_message="Usage: $0 [options] <corpus-dir> <data-dir>
e.g.: $0 --opts \"--partition=own.txt\" /data/sewa data/sewa"
. steps/start.sh

licence="SEWA is licensed: academic staff sign an agreement at db.sewaproject.eu"
steps/prepare_corpus.sh --opts "$opts" --licence "$licence" --unused "*feature*" --suffixes "wav csv" egs/sewa/prepare.py "$1" "$2"
