#!/usr/bin/env bash
# Compares the scored systems with each other and with the paper: figures, sections, and both reports.

. "$(dirname "$0")/../utils/as_one.sh"

help_message="Usage: $0 <data> <exp-dir> [<system> ...]
e.g.: $0 data/synth exp/synth dilated downup
<data> contains the data directories, <exp-dir> the systems; all pairs of the named systems are compared. Makes what is
not up to date in <exp-dir>: RESULTS.md, report.html, figure{4,5}.{png,pdf}, smoothness/, ceiling.json, compare/ and
sections/; on RECOLA also a section with the paper's figures beside ours."
. "$(dirname "$0")/../steps/start.sh"
shopt -s nullglob

data=$1 exp=$2
for folder in "$data" "$exp"; do
  [ -d "$folder" ] || fail "no such folder $folder, expected <data> and <exp-dir>, as data/synth and exp/synth"
done
systems=("${@:3}")
for system in "${systems[@]}"; do
  [ -d "$exp/$system" ] || fail "no such folder $exp/$system, expected that of a system"
done
mapfile -t labels < <(printf '%s\n' "$data"/*/{utt2spk,label_shift,corpora,targets} "$data"/*/*.scp | grep -Ev '/(wav|feats|cmvn)\.scp$')
predictions=("$exp"/results.json "$exp"/*/*/predict_*/{predictions.json,score.json,output.scp,run*/output.scp})

# Runs a program of local/ unless it is up to date, in the order of once.py: <inputs> --out <outputs> -- <program> <arguments>.
make() {
  local files=()
  while [ "$1" != -- ]; do files+=("$1") && shift; done
  local program=local.$2 arguments=("${@:3}")
  "$root/utils/once.py" "$exp/.done.${2/./_}" --opt "${arguments[@]}" --code "$root/${program//.//}.py" --in "${files[@]}" -- \
    python3 -m "$program" "${arguments[@]}"
}

make "${labels[@]}" "${predictions[@]}" --out "$exp"/figure5.{png,pdf} "$exp/sections/10-figure5.md" -- paper.figure5 "$data" "$exp"
make "${labels[@]}" --out "$exp"/figure4.{json,png,pdf,curves.json} "$exp/sections/50-figure4.md" -- paper.figure4 "$data" "$exp"
make "${labels[@]}" "${predictions[@]}" --out "$exp"/smoothness/dev/{smoothness.json,sections/60-smoothness.md} -- \
  paper.smoothness "$data" "$exp"
[ ${#systems[@]} -lt 2 ] ||
  make "${labels[@]}" "${predictions[@]}" --out "$exp"/{compare/dev.json,sections/30-compare_dev.md} -- \
    results.compare "$data" "$exp" --systems "${systems[@]}"
ratings=("$data"/*/ratings/*) raters=("$data"/*/ratings/raters)
if [ ${#ratings[@]} -gt 0 ] && { [ ${#raters[@]} -eq 0 ] || [ "$(sort -u "${raters[@]}" | wc -w)" -gt 1 ]; }; then
  make "${ratings[@]}" --out "$exp"/ceiling.json "$exp/sections/70-ceiling.md" -- paper.ceiling "$data" "$exp"
fi

# What is only text takes a moment, so it is made each time. The page shows it, too: where a section has changed, or is
# left out because its own inputs have changed, RESULTS*.md differ, and the page is made again.
if grep -qsx RECOLA "$data"/*/corpora; then python3 -m local.paper.beside_paper "$exp"; fi # the paper's corpus
python3 -m local.results.report --data "$data" "$exp"
pictures=({"$exp","$exp"/*/*}/{,sections/}*.{png,curves.json})
make "$exp"/RESULTS*.md "${pictures[@]}" "$exp"/*/*/command "$data/agreement.txt" "$data"/*/{wav.scp,corpora} "${ratings[@]}" "$exp/ceiling.json" \
  "${labels[@]}" "${predictions[@]}" "$exp"/*/*/run*/{progress.csv,model.json} "$root"/local/page/web/* --out "$exp/report.html" -- \
  page.report "$data" "$exp"
