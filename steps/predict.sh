#!/usr/bin/env bash
# Predictions of every run of a model, and their mean, for any data directory with features and CMVN statistics.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
nj=4
cmd=run.py
num_runs=                  # all
list=false                 # only print this command if there is something to do, for utils/run_lines.sh
# End configuration section.

help_message="Usage: $0 [options] <data-dir> <model-dir> <output-dir>
e.g.: $0 data/synth/dev exp/synth/downup/arousal exp/synth/downup/arousal/predict_dev
Leaves the mean of the runs in <output-dir>/output.scp and csv/<utterance>.csv, and each run's in <output-dir>/run<N>/.
Options:
  --nj N                       number of jobs (default: $nj)
  --cmd CMD                    where jobs run (default: $cmd)
  --num-runs N                 use only run1 to runN (default: all)"
[[ " $*" == *" --list true "* ]] || echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -ne 3 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail
. "$root/steps/common.sh"

data=$1 model=$2 out=$3
for stage_and_file in 1:feats.scp 2:cmvn.scp 0:utt2spk; do
  f=$data/${stage_and_file#*:}
  [ -f "$f" ] || { echo "$0: no such file $f; stage ${stage_and_file%%:*} makes it" >&2; exit 1; }
done
mapfile -t weights < <(runs_of "$model" final.pt | head -n "${num_runs:-1000000}")
[ ${#weights[@]} -gt 0 ] || { echo "$0: no such file $model/run1/final.pt; stage 3 (steps/train.sh) makes it" >&2; exit 1; }
if [ ${#weights[@]} -lt "${num_runs:-1}" ]; then
  echo "$0: found ${#weights[@]} trained runs in $model, expected $num_runs; stage 3 trains the rest, or --num-runs ${#weights[@]}" >&2
  exit 1
fi

check_output_dir "$out"
descriptions=("${weights[@]/%final.pt/model.json}")
arch=$(sed -n 's/.*"arch": "\([a-z0-9_]*\)".*/\1/p' "${descriptions[0]}" | head -n 1)
mapfile -t inputs < <(sources_of_rows "$data" "$arch")
inputs+=("${weights[@]}" "${descriptions[@]}" "$model/postprocess.json")
once=("$out/.done" --in "${inputs[@]}" --opt "$num_runs" --code "$root/cer/bin/predict.py")
[ ! -f "$root/cer/models/$arch.py" ] || once+=("$root/cer/models/$arch.py")
if $list; then
  if once.py --check "${once[@]}" > /dev/null; then
    echo "$0: $out is up to date" >&2
  else
    printf '%q ' "$0" --nj 1 ${num_runs:+--num-runs $num_runs} "$data" "$model" "$out"
    echo
  fi
  exit 0
fi
if ! begin "${once[@]}"; then
  echo "$0: $out is up to date" >&2
  exit 0
fi
num_utts=$(wc -l < "$data/feats.scp")
if [ "$nj" -gt "$num_utts" ]; then nj=$num_utts; fi
# Everything is made in a folder of its own: what is there stays until all of the new is whole.
new=$out/.new
rm -rf "$new"
for n in $(seq "$nj"); do
  printf '%q ' "$root/utils/python.sh" -m cer.bin.predict --part="$n/$nj" ${num_runs:+--num-runs=$num_runs} \
    "$data" "$model" "$new"
  echo
done | "$root/utils/run_lines.sh" --cmd "$cmd" - "$out/log/predict.JOB.log"
for n in $(seq "$nj"); do grep -s "^WARNING" "$out/log/predict.$n.log" || true; done | awk '!seen[$0]++' >&2

for folder in "$new" "$new"/run*/; do
  for n in $(seq "$nj"); do cat "$folder/output.$n.scp"; done > "$folder/output.scp"
done
echo "$nj" > "$new/num_jobs"
put_in_place.py "$new" "$out" "output.*" "csv/*" "run*/output.*" "run*/csv/*"
for folder in "$out"/run*/csv "$out"/run*/; do rmdir "$folder" 2> /dev/null || true; done # of runs not used any more
outputs=("$out"/{output.scp,predictions.json,csv/*.csv} "$out"/run*/{output.scp,csv/*.csv})
commit --out "${outputs[@]}"
echo "$0: wrote predictions for $(wc -l < "$out/output.scp") utterances to $out/output.scp and $out/csv"
