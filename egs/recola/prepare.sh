#!/usr/bin/env bash
# Stage 0 for RECOLA, in either of its layouts: makes the data directories train, dev and test with labels.
# shellcheck disable=SC2034 # run.sh passes --nj and --cmd to every prepare.sh; this one needs no jobs

. "$(dirname "$0")/../../utils/as_one.sh"

# Begin configuration section.
opts=                      # options of the preparation; python3 egs/recola/prepare.py --help lists them
nj=4                       # not used
cmd=run.py                 # not used
# End configuration section.

help_message="Usage: $0 [options] <corpus-dir> <data-dir>
e.g.: $0 --opts \"--gold-standard=ewe --annotators=FM1,FM2,FM3,FF1,FF2\" /data/RECOLA data/recola"
printf '%q ' "$0" "$@"; echo # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
. utils/parse_options.sh
. utils/check_arguments.sh
set -euo pipefail
. utils/once.sh

corpus=$1 data=$2
if [ ! -d "$corpus" ]; then
  echo "$0: no such folder $corpus. RECOLA is licensed: academic staff ask its authors (University of Fribourg)" \
    "for it; then pass --corpus-dir. The open corpus needs none: --corpus synth" >&2
  exit 1
fi
named=(egs/recola/partition.txt)
for opt in $opts; do if [ -f "${opt#*=}" ]; then named+=("${opt#*=}"); fi; done # such as the user's partition
mapfile -t files < <(find -L "$corpus" -iname '*.wav' -o -iname '*.csv' -o -iname '*.arff' -o -name partition.txt | sort)
# shellcheck disable=SC2086 # options are words
if ! begin "$data/.done.prepare" --in "${named[@]}" "${files[@]}" --opt $opts --code egs/recola/prepare.py; then
  echo "$0: $data/{train,dev,test} are up to date"
  exit 0
fi
# shellcheck disable=SC2086 # options are words
python3 egs/recola/prepare.py $opts "$corpus" "$data"
mapfile -t made < <(find "$data"/{train,dev,test} -maxdepth 1 -type f ! -name 'feats.scp' ! -name 'cmvn.scp' \
  \( -name '*.scp' -o -name utt2spk -o -name spk2utt -o -name label_shift -o -name corpora \) 2> /dev/null | sort)
mapfile -t ratings < <(find "$data"/{train,dev,test}/ratings -name '*.scp' -o -name raters 2> /dev/null | sort)
commit --out "${made[@]}" "${ratings[@]}"
