#!/usr/bin/env bash
# Predicts audio files (wav, flac, mp3 ...) with one or more trained models: a file, a folder, or as many as a list names.
# Finished predictions are kept, so a killed call resumes. Unusable files are reported; the others are still predicted.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
nj=4                       # number of jobs
cmd=run.py                 # where jobs run
channel=                   # channel of multi-channel files, counted from 0 (default: the first, with a warning)
cmvn=own                   # mean and variance: own, of each recording, or global, of the training set
column=path                # column of a CSV of recordings that holds their paths
csv=auto                   # write csv/<id>.csv of each recording: true, false, or auto, up to 100 recordings; otherwise
                           # tables/*.csv, of up to 100 recordings each
plot=auto                  # plot each recording, plots/<id>.png: true, false, or auto, up to 100 recordings
page=false                 # write an HTML page per recording, with its sound, pages/<id>.html, and index.html, a list of
                           # them; plots and pages of an earlier call into the same folder are kept up to date
sound=auto                 # of the pages: inside, in the page; link, where it is; or auto: inside, but linked where there
                           # are several recordings or a long one
resume=true                # keep finished predictions of these models
# End configuration section.

help_message="Usage: $0 [options] <recordings> <model-dir> [<model-dir> ...] <output-dir>
e.g.: $0 interview.flac exp/synth/downup/arousal exp/synth/downup/valence predictions
<recordings> is an audio file; a folder; a list of paths (.txt, .list, .lst); a wav.scp (.scp); or a CSV (.csv) with the
column --column of paths and perhaps a column id. Relative paths begin at the current folder.
Writes <output-dir>/csv/<id>.csv (time,arousal,valence; a line for each label shift, such as 40 ms), plots/<id>.png, and
for Kaldi arousal.scp and valence.scp with (T, 1) matrices. Arousal ranges from calm (-1) to excited (+1), valence from
negative (-1) to positive (+1). Models of the same target are averaged. The id is the path within the folder without its
suffix, with - for each / and _ for each blank."
. "$(dirname "$0")/start.sh"

recordings=$1 out=${*: -1} # not ${!#}, which is another thing where POSIXLY_CORRECT is exported
models=("${@:2:$#-2}")
one_of cmvn own global
one_of csv auto true false
one_of plot auto true false
one_of sound auto inside link
[[ $channel =~ ^[0-9]*$ ]] || fail "found '$channel' for --channel, expected a whole number from 0 on"
check_output_dir "$out" .models
inputs=()
for model in "${models[@]}"; do
  [ ! -f "$model" ] || fail "found the file $model, expected the folder of a trained system; of several recordings, give the folder or a list"
  need_model "$model"
  place=$(cd "$model" && pwd -P) # the same model, however it is named
  mapfile -t files < <(runs_of "$place" final.pt && runs_of "$place" model.json)
  inputs+=("${files[@]}" "$place/postprocess.json")
done
into=()
if $resume; then into=(--into="$out"); fi
table=$(python3 -m cer.bin.list_recordings --column="$column" "${into[@]}" "$recordings")
make_folder "$out/log"
alone "$out/.lock"
once=("$out/.models" --in "${inputs[@]}" --opt "$channel" "$cmvn")
if [ -s "$out/.models" ] && [ -d "$out/.done" ] && $resume && ! once.py --check "${once[@]}" > /dev/null; then
  fail "$out holds predictions of other models or options; name another folder, or replace them with --resume false"
fi
once.py "${once[@]}" -- true # records the models of this folder; each recording's own stamp records its models
replace "$out/wav.scp" <<< "$table"
num=$(wc -l < "$out/wav.scp")
if [ "$nj" -gt "$num" ]; then nj=$num; fi

# Runs the module "$2" with the arguments "${@:3}" as $nj jobs, each with its --part; "$1": name of their logs. A job that
# wrote failed.<job>, the recordings that it could not predict, is not a failed job: collect_recordings tells of them.
in_parts() {
  local n
  for n in $(seq "$nj"); do
    printf '%q ' "$root/utils/python.sh" -m "${@:2}" --part="$n/$nj"
    [ "$1" != predict ] || printf '|| [ -e %q ]' "$out/failed.$n"
    echo
  done | "$root/utils/run_lines.sh" --cmd "$cmd" - "$out/log/$1.JOB.log"
}
shopt -s nullglob
rm -f "$out"/failed.*
status=0
in_parts predict cer.bin.predict_recordings ${channel:+--channel="$channel"} --cmvn="$cmvn" --csv="$csv" --resume=$resume \
  "$out/wav.scp" "${models[@]}" "$out" || status=$?
[ $status -le 1 ] || exit $status # stopped by the user
failed=("$out"/failed.*)
[ $status -eq 0 ] || [ ${#failed[@]} -gt 0 ] || exit 1 # not the fault of a recording; the message is above
lines_of_logs "$out/log/predict" "$nj" -e "^WARNING" >&2 # very short recordings, odd headers, silence ...
python3 -m cer.bin.collect_recordings --num-jobs="$nj" --csv="$csv" "$out/wav.scp" "$out" || status=$?

# Plots and pages of an earlier call are made again where they show other predictions, whatever the options say.
plots=("$out"/plots/*.png) pages=("$out"/pages/*.html)
[ ${#plots[@]} -eq 0 ] || plot=true
[ ${#pages[@]} -eq 0 ] || page=true
if [ "$plot" = auto ]; then
  few=$(python3 -c "from cer.data.predictions import FEW; print(FEW)")
  plot=true
  [ "$num" -le "$few" ] || { plot=false && echo "$0: more than $few recordings are not plotted; --plot true does it" >&2; }
fi
if $plot || $page; then
  in_parts draw local.page.draw_recordings --plot=$plot --page=$page --sound="$sound" ${channel:+--channel="$channel"} "$out" || status=$?
fi
if $page && { [ "$num" -gt 1 ] || [ -e "$out/index.html" ]; }; then
  python3 -m local.page.index "$out" # a list of the pages
elif $page && [ $status -eq 0 ]; then
  echo "$out/pages/$(cut -d ' ' -f 1 "$out/wav.scp").html"
fi
exit $status
