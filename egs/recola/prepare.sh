#!/usr/bin/env bash
# Stage 0 for RECOLA: either of its layouts -> data directories train, dev and test with labels.

# Begin configuration section.
# shellcheck disable=SC2034 # --nj and --cmd are part of every prepare.sh's command line; reading RECOLA needs one job
nj=4 cmd=run.py
opts=   # options of egs/recola/prepare.py
# End configuration section.

help_message="Usage: $0 [options] <corpus-dir> <data-dir>
e.g.: $0 --opts \"--gold-standard=ewe --annotators=FM1,FM2,FM3,FF1,FF2\" /data/RECOLA data/recola
Options:
  --opts OPTS            options of the preparation; python3 egs/recola/prepare.py --help lists them
  --nj N, --cmd CMD      not needed here"
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
. utils/parse_options.sh
if [ $# -ne 2 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

corpus=$1 data=$2
if [ ! -d "$corpus" ]; then
  echo "$0: no such folder $corpus. RECOLA is licensed: academic staff ask its authors (University of Fribourg)" \
    "for it; then pass --corpus-dir. The open corpus needs none: --corpus synth" >&2
  exit 1
fi
# Everything that is read, and what is made of it: a second call does nothing unless one of them changed.
inputs() {
  find -L "$corpus" -iname '*.wav' -o -iname '*.csv' -o -iname '*.arff' -o -name partition.txt | sort
  ls "$data"/*/*.scp "$data"/*/ratings/* 2> /dev/null
}
named=(egs/recola/partition.txt)
for opt in $opts; do if [ -f "${opt#*=}" ]; then named+=("${opt#*=}"); fi; done # a partition of the user's
mapfile -t files < <(inputs | grep -v -e feats.scp -e cmvn.scp)
if unchanged.py "$data/.done.prepare" "${named[@]}" "${files[@]}" -- $opts; then
  echo "$0: $data/{train,dev,test} are up to date"
  exit 0
fi
python3 egs/recola/prepare.py $opts "$corpus" "$data"
mapfile -t files < <(inputs | grep -v -e feats.scp -e cmvn.scp)
unchanged.py --write "$data/.done.prepare" "${named[@]}" "${files[@]}" -- $opts
