#!/usr/bin/env bash
# Stage 0 for studyforrest's film: makes the data directories train, dev and test with labels and features.
# shellcheck disable=SC2034 # run.sh passes --nj and --cmd to every prepare.sh; this one needs no jobs

. "$(dirname "$0")/../../utils/as_one.sh"

# Begin configuration section.
opts=                      # options of the preparation; python3 -m egs.forrest.prepare --help lists them
nj=4                       # not used
cmd=run.py                 # not used
# End configuration section.

help_message="Usage: $0 [options] <corpus-dir> <data-dir>
e.g.: $0 --opts \"--observers=av\" /data/studyforrest data/forrest_loudness"
. steps/start.sh

if [[ $2 != *_loudness ]]; then
  fail "found the data folder $2, expected a name that ends in _loudness: this corpus has features, no sound; run" \
    "./run.sh --corpus forrest --features loudness"
fi
if [ ! -d "$1" ]; then
  fail "no such folder $1; clone the repositories that egs/forrest/README.md names, then pass --corpus-dir"
fi
steps/prepare_corpus.sh --opts "$opts" --suffixes "csv tsv" egs/forrest/prepare.py "$1" "$2"
