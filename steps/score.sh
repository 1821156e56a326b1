#!/usr/bin/env bash
# Scores predictions against the labels of a data directory.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
system=                    # name of the system in the score files (default: from the path
                           # exp/<corpus>/<system>/<target>/predict_<set>)
set=                       # name of the set in the score files (default: from that path, too)
# End configuration section.

help_message="Usage: $0 [options] <data-dir> <prediction-dir>
e.g.: $0 data/synth/dev exp/synth/downup/arousal/predict_dev
Writes <prediction-dir>/score.txt for people and score.json for programs."
printf '%q ' "$0" "$@"; echo # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -ne 2 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail
. "$root/steps/common.sh"

data=$1 dir=$2
path=$(cd "$dir" 2> /dev/null && pwd) || { echo "$0: no such folder $dir; stage 4 (steps/predict.sh) makes it" >&2; exit 1; }
need "$dir/output.scp" "stage 4 (steps/predict.sh) makes it"
[ -n "$system" ] || system=$(basename "$(dirname "$(dirname "$path")")")
[ -n "$set" ] || { set=$(basename "$path") && set=${set#predict_}; }

target=$(word_of target "$dir/predictions.json")
if begin "$dir/.done.score" --in "$data"/{"$target.scp",utt2spk,label_shift} "$dir"/{predictions.json,output.scp} \
  "$dir"/run*/output.scp --opt "$system" "$set" --code "$root/cer/bin/score.py"; then
  python3 -m cer.bin.score --system="$system" --set="$set" "$data" "$dir"
  commit --out "$dir"/score.{txt,json}
else
  echo "$0: $dir/score.txt is up to date"
fi
