#!/usr/bin/env bash
# Fits post-processing to the predictions of a trained system, and makes a system of both: its runs, linked, and
# postprocess.json, which steps/predict.sh then applies unchanged to any data.

# Begin configuration section.
method=chain
# End configuration section.

help_message="Usage: $0 [options] <data-dir> <model-dir> <new-model-dir>
e.g.: $0 --method chain data/synth/train exp/synth/downup/arousal exp/synth/downup_chain/arousal
Takes the predictions in <model-dir>/predict_<name of the data-dir>.
Options:
  --method NAME    chain: median, centring, scaling, shift, each if it helps; gaussian: smoothing (default: $method)"
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -ne 3 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

data=$1 model=$2 new=$3
predictions=$model/predict_$(basename "$data")
[ -f "$predictions/output.scp" ] || { echo "$0: no such file $predictions/output.scp; stage 4 makes it" >&2; exit 1; }
inputs=("$data"/*.scp "$predictions/output.scp" "$new/postprocess.json")
if unchanged.py "$new/.done.postprocess" "${inputs[@]}" -- "$method"; then
  echo "$0: $new/postprocess.json is up to date"
else
  python3 -m cer.bin.fit_postprocess --method=$method "$data" "$predictions" "$new"
  unchanged.py --write "$new/.done.postprocess" "${inputs[@]}" -- "$method"
fi
rm -f "$new"/run* 2> /dev/null || { echo "$0: $new holds runs of its own; name another folder" >&2; exit 1; }
for run in "$model"/run*/; do
  ln -s "$(realpath --relative-to="$new" "$run")" "$new/$(basename "$run")"
done
