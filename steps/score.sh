#!/usr/bin/env bash
# Scores the predictions of a folder against the labels of a data directory.

# Begin configuration section.
system=                    # default: the folder two above the predictions, as in exp/<corpus>/<system>/<target>/predict_dev
set=                       # default: what follows predict_ in the folder's name
# End configuration section.

help_message="Usage: $0 [options] <data-dir> <prediction-dir>
e.g.: $0 data/synth/dev exp/synth/downup/arousal/predict_dev
Leaves <prediction-dir>/score.txt for people and score.json for programs.
Options:
  --system NAME, --set NAME    names in the score files (default: from the folder's path)"
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -ne 2 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

data=$1 dir=$2
path=$(cd "$dir" 2> /dev/null && pwd) || { echo "$0: no such folder $dir; stage 4 (steps/predict.sh) makes it" >&2; exit 1; }
[ -f "$dir/output.scp" ] || { echo "$0: no such file $dir/output.scp; stage 4 (steps/predict.sh) makes it" >&2; exit 1; }
[ -n "$system" ] || system=$(basename "$(dirname "$(dirname "$path")")")
[ -n "$set" ] || { set=$(basename "$path") && set=${set#predict_}; }

inputs=("$data"/*.scp "$data/utt2spk" "$dir/output.scp" "$dir"/run*/output.scp "$dir/score.txt" "$dir/score.json")
if unchanged.py "$dir/.done.score" "${inputs[@]}" -- "$system" "$set"; then
  echo "$0: $dir/score.txt is up to date"
else
  python3 -m cer.bin.score --system="$system" --set="$set" "$data" "$dir"
  unchanged.py --write "$dir/.done.score" "${inputs[@]}" -- "$system" "$set"
fi
