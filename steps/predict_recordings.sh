#!/usr/bin/env bash
# Predicts audio files (wav, flac, mp3 ...), one file or all files of a folder, with one or more trained models.
# Finished predictions are kept, so a killed call resumes. Unusable files are reported; the others are still predicted.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
nj=4                       # number of jobs
cmd=run.py                 # where jobs run
channel=                   # channel of multi-channel files, counted from 0 (default: the first, with a warning)
cmvn=own                   # mean and variance: own, of each recording, or global, of the training set
plot=true                  # plot each recording: plots/<id>.png
page=false                 # write an HTML page per recording, with its sound: pages/<id>.html
resume=true                # keep finished predictions of these models
# End configuration section.

help_message="Usage: $0 [options] <file-or-folder> <model-dir> [<model-dir> ...] <output-dir>
e.g.: $0 interview.flac exp/synth/downup/arousal exp/synth/downup/valence predictions
Writes <output-dir>/csv/<id>.csv (time,arousal,valence; one line every 40 ms), plots/<id>.png, and for Kaldi arousal.scp
and valence.scp with (T, 1) matrices. Arousal ranges from calm (-1) to excited (+1), valence from negative (-1) to
positive (+1). Models of the same target are averaged. The id is the path within the folder without its suffix."
printf '%q ' "$0" "$@"; echo # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -lt 3 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail
. "$root/steps/common.sh"

recordings=$1 out=${!#}
models=("${@:2:$#-2}")
python=$root/utils/python.sh
check_output_dir "$out"
inputs=()
for model in "${models[@]}"; do
  mapfile -t files < <(runs_of "$model" final.pt && runs_of "$model" model.json)
  inputs+=("${files[@]}" "$model/postprocess.json")
done
shopt -s nullglob
table=$(python3 -m cer.bin.list_recordings "$recordings")
mkdir -p "$out/log"
alone "$out/.lock"
once=("$out/.models" --in "${inputs[@]}" --opt "$channel" "$cmvn")
if [ -s "$out/.models" ] && [ -d "$out/csv" ] && $resume && ! once.py --check "${once[@]}" > /dev/null; then
  echo "$0: $out holds predictions of other models or options; name another folder, or replace them with --resume false" >&2
  exit 1
fi
once.py "${once[@]}" -- true # records the models of this folder; each recording's own stamp records its models
replace "$out/wav.scp" <<< "$table"
num=$(wc -l < "$out/wav.scp")
if [ "$nj" -gt "$num" ]; then nj=$num; fi

# Runs the command "${@:2}" as $nj jobs, each with its --part; "$1": name of their logs.
in_parts() {
  local n log=$out/log/$1.JOB.log
  shift
  for n in $(seq "$nj"); do
    printf '%q ' "$python" "$@" --part="$n/$nj"
    echo
  done | "$root/utils/run_lines.sh" --cmd "$cmd" - "$log"
}
rm -f "$out"/failed.*
status=0
in_parts predict -m cer.bin.predict_recordings ${channel:+--channel="$channel"} --cmvn="$cmvn" --resume=$resume \
  "$out/wav.scp" "${models[@]}" "$out" || status=$?
[ $status -le 1 ] || exit $status # stopped by the user
failed=("$out"/failed.*)
if [ $status -ne 0 ] && [ ${#failed[@]} -eq 0 ]; then exit 1; fi # not the fault of a recording; the message is above
cat "$out"/log/predict.*.log | grep "^WARNING" >&2 || true # very short recordings, odd headers, silence ...
if $plot; then in_parts plot "$root/local/page/plot_recordings.py" "$out"; fi
if $page; then
  while read -r id path; do
    csv=$out/csv/$id.csv html=$out/pages/$id.html
    page=("$out/.done/pages/$id.done" --in "$path" "$csv" --opt "$channel" --code "$root/local/page/recording.py")
    [ -f "$csv" ] || continue
    if once.py --check "${page[@]}" > /dev/null; then continue; fi
    printf '%q ' "$python" "$root/utils/once.py" "${page[@]}" --out "$html" -- \
      "$python" "$root/local/page/recording.py" ${channel:+--channel "$channel"} --out "$html" "$path" "$csv"
    echo
  done < "$out/wav.scp" | "$root/utils/run_lines.sh" --cmd "$cmd" - "$out/log/page.JOB.log"
fi

for folder in "$out"/*/; do
  target=$(basename "$folder")
  table=$(find "$folder" -name '*.scp' -exec cat {} + | sort)
  [ -z "$table" ] || replace "$out/$target.scp" <<< "$table"
done
num=$(find "$out/csv" -name '*.csv' 2> /dev/null | wc -l)
echo "$0: predictions of $num recording$([ "$num" -eq 1 ] || echo s) are in $out/csv"
if [ $status -ne 0 ]; then
  echo "$0: failed:" >&2
  cat "${failed[@]}" >&2
  exit 1
fi
