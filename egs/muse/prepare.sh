#!/usr/bin/env bash
# Stage 0 for MuSe 2020, 2021 and 2022, MuSe-CaR and Ulm-TSST: makes the data directories train, dev and test with labels.
# shellcheck disable=SC2034 # run.sh passes --nj and --cmd to every prepare.sh; this one needs no jobs

. "$(dirname "$0")/../../utils/as_one.sh"

# Begin configuration section.
opts=                      # options of the preparation; python3 -m egs.muse.prepare --help lists them
nj=4                       # not used
cmd=run.py                 # not used
# End configuration section.

help_message="Usage: $0 [options] <corpus-dir> <data-dir>
e.g.: $0 --opts \"--task=c3_muse_stress\" /data/muse data/muse"
. steps/start.sh

licence="MuSe is licensed: academic staff sign the agreements of the challenge (zenodo.org/record/4134758)"
steps/prepare_corpus.sh --opts "$opts" --licence "$licence" --unused "*feature*" --suffixes "wav csv" egs/muse/prepare.py "$1" "$2"
