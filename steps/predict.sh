#!/usr/bin/env bash
# Predicts a data directory with all runs of a model, and their mean. It needs features and CMVN statistics.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
nj=4                       # number of jobs
cmd=run.py                 # where jobs run
num_runs=                  # use only run1 to run<num-runs> (default: all)
csv=auto                   # CSV files csv/<utterance>.csv: auto, of the mean of up to 100 utterances; true, of however many;
                           # runs, of each run, too; table, one of all utterances of a job; false, none
use_gpu=false              # predict on GPUs, requested from cmd with --gpu 1; for large corpora and recurrent networks: a
                           # job of few recordings is faster on the CPU
list=false                 # only print the command of a single job, a line for once.py --stale and utils/run_lines.sh, which
                           # runs the predictions of many systems as one array
# End configuration section.

help_message="Usage: $0 [options] <data-dir> <model-dir> <output-dir>
e.g.: $0 data/synth/dev exp/synth/downup/arousal exp/synth/downup/arousal/predict_dev
Writes the mean of the runs to <output-dir>/output.scp, for people to csv/, and each run to <output-dir>/run<N>/."
. "$(dirname "$0")/start.sh"

data=$1 model=$2 out=$3
one_of csv auto true runs table false
need "$data/feats.scp" "stage 1 makes it"
need "$data/cmvn.scp" "stage 2 makes it"
need "$data/utt2spk" "stage 0 makes it"
need_model "$model"
need_runs "$model" "$num_runs"
mapfile -t weights < <(runs_of "$model" final.pt | head -n "${num_runs:-1000000}")
check_output_dir "$out" predictions.json .done.lock

descriptions=("${weights[@]/%final.pt/model.json}")
# The architecture, if model.json names one.
arch=$({ sed -n 's/.*"arch": "\([A-Za-z0-9_.-]*\)".*/\1/p' "${descriptions[0]}" 2> /dev/null || true; } | head -n 1)
mapfile -t inputs < <(sources_of_rows "$data" "$arch")
inputs+=("${weights[@]}" "${descriptions[@]}" "$model/postprocess.json")
once=("$out/.done" --in "${inputs[@]}" --opt "$num_runs" "$csv" --code "$root/cer/bin/predict.py")
[ ! -f "$root/cer/models/$arch.py" ] || once+=("$root/cer/models/$arch.py")
outputs=("$out"/{output.scp,predictions.json,csv})
for f in "${weights[@]}"; do
  folder=${f%/*} run=${folder##*/}
  [[ $run =~ ^run[0-9]+$ ]] || run=run1 # the folder of a single run may have any name; its predictions are in run1/
  outputs+=("$out/$run")
done
if $list; then
  printf '%q ' "$root/utils/python.sh" "$root/utils/once.py" "${once[@]}" --out "${outputs[@]}" -- \
    "$root/steps/predict_job.sh" "$data" "$model" "$out" "$csv" ${num_runs:+"$num_runs"}
  echo
  exit 0
fi
if ! begin "${once[@]}"; then
  echo "$0: $out is up to date" >&2
  exit 0
fi
if $use_gpu; then cmd+=" --gpu 1"; fi
num_utts=$(wc -l < "$data/feats.scp")
if [ "$nj" -gt "$num_utts" ]; then nj=$((num_utts > 0 ? num_utts : 1)); fi # a last line may lack its end
lines=$(for n in $(seq "$nj"); do
  printf '%q ' "$root/utils/python.sh" -m cer.bin.predict --part="$n/$nj" ${num_runs:+--num-runs="$num_runs"} --csv="$csv" \
    --use-gpu="$use_gpu" "$data" "$model" "$out/.new"
  echo
done)
# Jobs write into .new: earlier predictions stay until the new ones are complete. What jobs of a killed call have left there,
# and may still write on a cluster, counts if they were given the same.
given=$(cat "$out/.done.begun" && echo "$lines")
if [ "$given" != "$(cat "$out/.new/.given" 2> /dev/null)" ]; then
  rm -rf "$out/.new"
  make_folder "$out/.new"
  replace "$out/.new/.given" <<< "$given"
fi
"$root/utils/run_lines.sh" --cmd "$cmd" - "$out/log/predict.JOB.log" <<< "$lines"
rm "$out/.new/.given"
lines_of_logs "$out/log/predict" "$nj" -e "^WARNING" -e ": no CSV files" >&2
put_predictions_in_place "$out" "$nj"
commit --out "${outputs[@]}"
echo "$0: wrote predictions for $(counted "$(wc -l < "$out/output.scp")" utterance) to $out/output.scp$([ ! -d "$out/csv" ] || echo " and $out/csv")"
