#!/usr/bin/env bash
# Fits post-processing on the predictions of a trained system, and makes a new system: links to the runs of the first,
# and postprocess.json. steps/predict.sh then applies it unchanged to any data.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
method=chain               # chain: median, centring, scaling, shift, each if it raises the CCC; gaussian: smoothing
# End configuration section.

help_message="Usage: $0 [options] <data-dir> <model-dir> <new-model-dir>
e.g.: $0 --method chain data/synth/train exp/synth/downup/arousal exp/synth/downup_chain/arousal
Reads the predictions in <model-dir>/predict_<name of the data-dir>."
. "$(dirname "$0")/start.sh"

data=$1 model=$2 new=$3
predictions=$model/predict_$(basename "$data")
need "$predictions/output.scp" "stage 4 makes it"
for run in "$new"/run*; do
  if [ -e "$run" ] && [ ! -L "$run" ]; then
    fail "$new holds a trained run ($(basename "$run")), not a link; name another folder"
  fi
done
name_target='import sys; from cer.data.predictions import read_about; print(read_about(sys.argv[1])["target"])'
target=$(python3 -c "$name_target" "$predictions" 2> /dev/null || true) # where it fails, the program below says why
if begin "$new/.done.postprocess" --in "$data/$target.scp" "$predictions"/{output.scp,predictions.json} \
  --opt "$method" "$(basename "$data")" --code "$root/cer/bin/fit_postprocess.py"; then
  python3 -m cer.bin.fit_postprocess --method="$method" "$data" "$predictions" "$new"
  commit --out "$new/postprocess.json"
else
  echo "$0: $new/postprocess.json is up to date"
fi
for run in "$new"/run*; do # remove links to runs that no longer exist
  if [ -L "$run" ] && [ ! -e "$model/$(basename "$run")" ]; then rm "$run"; fi
done
while read -r description; do
  run=$(dirname "$description")
  ln -sfn "$(realpath --relative-to="$new" "$run")" "$new/$(basename "$run")"
done < <(runs_of "$model" model.json)
