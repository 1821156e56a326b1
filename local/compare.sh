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

# Runs the program local.$1 with the arguments before `--` unless its stamp says that it is up to date; after `--`:
# the files that it reads, `--opt` with what else it depends on, and `--out` with the files that it writes.
make() {
  local program=local.$1 arguments=() stamp
  stamp=$exp/.done.${1/./_}
  shift
  while [ "$1" != -- ]; do arguments+=("$1") && shift; done
  "$root/utils/once.py" "$stamp" --opt "${arguments[@]}" --code "$root/${program//.//}.py" --in "${@:2}" -- \
    python3 -m "$program" "${arguments[@]}"
}

make paper.figure5 "$data" "$exp" -- "${labels[@]}" "${predictions[@]}" --out "$exp"/figure5.{png,pdf} "$exp/sections/10-figure5.md"
make paper.figure4 "$data" "$exp" -- "${labels[@]}" --out "$exp"/figure4.{json,png,pdf,curves.json} "$exp/sections/50-figure4.md"
make paper.smoothness "$data" "$exp" -- "${labels[@]}" "${predictions[@]}" --out "$exp"/smoothness/dev/{smoothness.json,sections/60-smoothness.md}
[ ${#systems[@]} -lt 2 ] ||
  make results.compare "$data" "$exp" --systems "${systems[@]}" -- "${labels[@]}" "${predictions[@]}" --out "$exp"/{compare/dev.json,sections/30-compare_dev.md}
ratings=("$data"/*/ratings/*) raters=("$data"/*/ratings/raters)
if [ ${#ratings[@]} -gt 0 ] && { [ ${#raters[@]} -eq 0 ] || [ "$(sort -u "${raters[@]}" | wc -w)" -gt 1 ]; }; then
  make paper.ceiling "$data" "$exp" -- "${ratings[@]}" --out "$exp"/ceiling.json "$exp/sections/70-ceiling.md"
fi
if grep -qsx RECOLA "$data"/*/corpora; then # the paper's corpus
  make paper.beside_paper "$exp" -- "$exp"/{results,figure1,figure4,smoothness/dev/smoothness}.json local/results/paper_tables.tsv --out "$exp/sections/05-beside_paper.md"
fi
sections=({"$exp","$exp"/*/*}/sections/* "$exp"/*.{png,curves.json} "$exp"/*/*/*.{png,curves.json})
mapfile -t left_out < <(python3 -m local.results.sections "$exp" 2> /dev/null) # where it fails, the reports say why
commands=("$exp"/*/*/command)
pages=("$exp/RESULTS.md") # and one of each experiment with folders of its own
for section in "$exp"/*/*/sections/*.md; do
  section=${section#"$exp"/}
  pages+=("$exp/RESULTS-${section%%/*}.md")
done
make results.report --data "$data" "$exp" -- "$exp/results.json" "$data"/*/corpora "${sections[@]}" "${commands[@]}" \
  --opt "${left_out[@]}" --out "${pages[@]}"
make page.report "$data" "$exp" -- "$data/agreement.txt" "$data"/*/wav.scp "${ratings[@]}" "$exp/ceiling.json" "${labels[@]}" "${predictions[@]}" \
  "$exp"/*/*/run*/{progress.csv,model.json} "${sections[@]}" "${commands[@]}" "$root"/local/page/web/* --opt "${left_out[@]}" --out "$exp/report.html"
