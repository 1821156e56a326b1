#!/usr/bin/env bash
# Exports a trained system as one ONNX graph that contains all runs and the front end, with a README that explains it.

# Begin configuration section.
input=samples              # input of the graph: samples (the graph contains the model's front end), features (from
                           # steps/make_feats.sh; the graph normalises them by the recording's own statistics), or
                           # normalised (features after CMVN)
num_runs=                  # use only run1 to run<num-runs> (default: all)
corpus=                    # name of the training corpus (default: as the model says, or from <model-dir>/command)
# End configuration section.

help_message="Usage: $0 [options] <model-dir> <output-dir>
e.g.: $0 exp/synth/downup/arousal exp/synth/downup/arousal/export
Writes model.onnx, README.md and LICENSE. The README shows the scores in <model-dir>/predict_*/score.json."
. "$(dirname "$0")/start.sh"

model=$1 out=$2
for file in README.md LICENSE; do
  [ -f "$out/$file" ] && [ ! -f "$out/model.onnx" ] || continue
  fail "$out: found $file in it, expected an empty or new output folder; name another one"
done
need_model "$model"
need_runs "$model" "$num_runs"
weights=$(runs_of "$model" final.pt | head -n 1)
if ! missing=$(python3 -c 'import onnx, onnxscript, onnxruntime' 2>&1); then
  fail "found no ONNX (${missing##*$'\n'}); install it: utils/setup.sh export"
fi
make_folder "$out"

command=$(dirname "$(dirname "$(readlink -f "$weights")")")/command # the runs of a post-processed system are links
opts=(--input="$input" --corpus="$corpus")
if [ -z "$corpus" ] && [ -f "$command" ]; then # of an older model, that does not say
  corpus=$(sed -n 's/.*--corpus \([^ ]*\).*/\1/p' "$command" | tail -n 1)
  opts+=(--otherwise="$corpus")
fi
if [ "$corpus" = synth ]; then opts+=(--open); fi # other corpora count as licensed
if [ -n "$num_runs" ]; then opts+=(--num-runs="$num_runs"); fi
for score in "$model"/predict_*/score.json; do
  if [ -f "$score" ]; then opts+=(--score="$score"); fi
done
python3 -m cer.bin.export "${opts[@]}" "$model" "$out"
replace "$out/LICENSE" < "$root/LICENSE"
echo "$0: wrote $out/model.onnx, README.md and LICENSE"
