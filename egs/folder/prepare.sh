#!/usr/bin/env bash
# Stage 0 for a folder of own recordings and traces: finds what belongs together, and makes the data directories.
# shellcheck disable=SC2034 # run.sh passes --nj and --cmd to every prepare.sh; this one needs no jobs

. "$(dirname "$0")/../../utils/as_one.sh"

# Begin configuration section.
opts=                      # options of the preparation; python3 -m egs.folder.prepare --help lists them
nj=4                       # not used
cmd=run.py                 # not used
# End configuration section.

help_message="Usage: $0 [options] <corpus-dir> <data-dir>
e.g.: $0 --opts \"--partition=sets.txt --gold-standard=ewe\" ~/mine data/folder"
. steps/start.sh

if [ ! -d "$1" ]; then fail "no such folder $1; pass the folder of your recordings and traces with --corpus-dir"; fi
# shellcheck disable=SC2086 # options are words
python3 -m egs.folder.prepare --find $opts "$1" "$2" # the table counts as an input of what follows
[[ $opts == *--pairs=* ]] || opts+=" --pairs=$2/pairs.csv"
steps/prepare_corpus.sh --opts "$opts" --suffixes "*" egs/folder/prepare.py "$1" "$2"
