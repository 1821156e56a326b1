#!/usr/bin/env bash
# Predictions for audio files: wav, flac, mp3 ..., one file or all files of a folder, by one or more trained models.
# What is there is kept: a killed or failed call goes on where it was. A bad file is reported, and the rest goes on.

# Begin configuration section.
nj=4
cmd=run.py
channel=                   # the first, with a warning where there are several
cmvn=own                   # or global: the training set's mean and variance
plot=true
page=false                 # a page to look at and listen to, each
resume=true                # false: predict everything again
# End configuration section.

help_message="Usage: $0 [options] <file-or-folder> <model-dir> [<model-dir> ...] <output-dir>
e.g.: $0 interview.flac exp/synth/downup/arousal exp/synth/downup/valence predictions
Leaves <output-dir>/csv/<id>.csv (time,arousal,valence; a line every 40 ms), plots/<id>.png, and for Kaldi arousal.scp and
valence.scp, a (T, 1) matrix each. Arousal runs from calm (-1) to excited (+1), valence from negative (-1) to positive
(+1). Models of one target are averaged. The id is the path in the folder without its suffix.
Options:
  --nj N                   number of jobs (default: $nj)
  --cmd CMD                where jobs run (default: $cmd)
  --channel N              of files with several, counted from 0 (default: the first, with a warning)
  --cmvn own|global        mean and variance of each recording, or of the training set (default: $cmvn)
  --plot true|false        draw each recording: plots/<id>.png (default: $plot)
  --page true|false        make a page of each, to look at and listen to: pages/<id>.html (default: $page)
  --resume true|false      keep what is newer than its recording (default: $resume)"
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -lt 3 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

recordings=$1 out=${!#}
models=("${@:2:$#-2}")
inputs=()
for model in "${models[@]}"; do
  inputs+=("$model"/final.pt "$model"/run*/final.pt "$model/postprocess.json")
done
if [ -d "$out/csv" ] && $resume && ! unchanged.py "$out/.models" "${inputs[@]}" -- "$channel" $cmvn; then
  echo "$0: $out holds predictions of other models or options; name another folder, or replace them: --resume false" >&2
  exit 1
fi
mkdir -p "$out/log"
python3 -m cer.bin.list_recordings "$recordings" > "$out/wav.scp.tmp"
mv "$out/wav.scp.tmp" "$out/wav.scp"
unchanged.py --write "$out/.models" "${inputs[@]}" -- "$channel" $cmvn
num=$(wc -l < "$out/wav.scp")
if [ "$nj" -gt "$num" ]; then nj=$num; fi

rm -f "$out"/failed.*
status=0
$cmd JOB=1:$nj "$out/log/predict.JOB.log" \
  "$root/utils/python.sh" -m cer.bin.predict_recordings --part=JOB/$nj ${channel:+--channel=$channel} --cmvn=$cmvn --resume=$resume \
  "$out/wav.scp" "${models[@]}" "$out" || status=$?
[ $status -le 1 ] || exit $status # stopped by the user
if [ $status -ne 0 ] && ! compgen -G "$out/failed.*" > /dev/null; then exit 1; fi # no recording's fault; told above
grep -hs "^WARNING" "$out"/log/predict.*.log >&2 || true # very short recordings, odd headers, silence ...
if $plot; then
  $cmd JOB=1:$nj "$out/log/plot.JOB.log" "$root/utils/python.sh" "$root/local/plot_recordings.py" --part=JOB/$nj "$out"
fi
if $page; then
  mkdir -p "$out/pages"
  while read -r id path; do
    csv=$out/csv/$id.csv html=$out/pages/$id.html
    [ ! -f "$csv" ] || [ "$html" -nt "$csv" ] || {
      printf '%q ' "$root/utils/python.sh" "$root/local/html_recording.py" ${channel:+--channel=$channel} --out "$html" "$path" "$csv"
      echo
    }
  done < "$out/wav.scp" > "$out/log/page.lines"
  "$root/utils/run_lines.sh" --cmd "$cmd" "$out/log/page.lines" "$out/log/page.JOB.log"
fi

for folder in "$out"/*/; do
  target=$(basename "$folder")
  if compgen -G "$folder*.scp" > /dev/null; then
    find "$folder" -name '*.scp' -exec cat {} + | sort > "$out/$target.scp.tmp"
    mv "$out/$target.scp.tmp" "$out/$target.scp"
  fi
done
echo "$0: predictions of $(find "$out/csv" -name '*.csv' 2> /dev/null | wc -l) recordings are in $out/csv"
if [ $status -ne 0 ]; then
  echo "$0: failed:" >&2
  cat "$out"/failed.* >&2
  exit 1
fi
