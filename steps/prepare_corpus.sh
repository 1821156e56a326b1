#!/usr/bin/env bash
# Runs the prepare program of a corpus, unless the data directories that it made are up to date.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
opts=                      # options of the program
suffixes="wav csv"         # endings of the files of the corpus that it reads, in upper or lower case
unused=                    # folders that the program does not read, e.g. "*feature*" for features that come with the corpus
licence=                   # of a licensed corpus: a sentence on who gives it to whom, for users who have no copy
# End configuration section.

help_message="Usage: $0 [options] <program> <corpus-dir> <data-dir>
e.g.: $0 --suffixes \"wav csv arff\" egs/recola/prepare.py /data/RECOLA data/recola
Calls <program> <opts> <corpus-dir> <data-dir>, which makes <data-dir>/{train,dev,test}. Files that opts name, and those
in folders that opts name, count as files of the corpus, and so do lists (.txt) beside the program."
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
. "$root/utils/check_arguments.sh"
set -euo pipefail
. "$root/steps/common.sh"

module=${1#"$root"/} corpus=$2 data=$3
program=$root/$module
need "$program" "expected the prepare.py of a corpus, a file of the recipe such as egs/recola/prepare.py"
[ -d "$corpus" ] || {
  cure="${licence:+. $licence; then pass --corpus-dir. The open corpus needs none: --corpus synth}"
  fail "no such folder $corpus${cure:-; expected that of a corpus}"
}
named=() folders=("$corpus")
for file in "$(dirname "$program")"/*.txt; do if [ -f "$file" ]; then named+=("$file"); fi; done
for opt in $opts; do
  if [ -f "${opt#*=}" ]; then named+=("${opt#*=}"); fi # such as the user's partition
  if [ -d "${opt#*=}" ]; then folders+=("${opt#*=}"); fi # such as that of the recordings
done
names=()
read -ra endings <<< "$suffixes" # unlike $suffixes, this does not replace * by names of files
for suffix in "${endings[@]}"; do names+=(-o -iname "*.$suffix"); done
before=/$({ ls -A "$data" 2> /dev/null || true; } | tr '\n' /) # what is there before the work: /name/name/
[ -d "$data" ] || make_folder "$data" # a finished folder may be another user's: it need not be writable
# All files in one table, since they may be too many for a command line: once.py reads the files that an .scp names.
table=$(find -L "${folders[@]}" -mindepth 1 -type d -iname "$unused" -prune -o -type f \( -name partition.txt "${names[@]}" \) -print |
  LC_ALL=C sort -u | awk '{ print NR, $0 }')
[ -f "$data/files.scp" ] && [ "$table" = "$(< "$data/files.scp")" ] || replace "$data/files.scp" <<< "$table"
# shellcheck disable=SC2086 # options are words
if ! begin "$data/.done.prepare" --in "$data/files.scp" "${named[@]}" --opt $opts --code "$program"; then
  echo "$0: $data/{train,dev,test} are up to date"
  exit 0
fi
# A first preparation that fails leaves nothing that it made.
undo() {
  [ $? -ne 0 ] || return 0
  local name
  while read -r name; do
    [[ $before == */"$name"/* ]] || rm -rf -- "${data:?}/$name"
  done < <(ls -A "$data")
  rmdir --ignore-fail-on-non-empty "$data"
}
[[ $before == */train/* ]] || trap undo EXIT
module=${module%.py}
# shellcheck disable=SC2086 # options are words
python3 -m "${module//\//.}" $opts "$corpus" "$data"
mapfile -t made < <(find "$data"/{train,dev,test} -maxdepth 1 -type f ! -name 'feats.scp' ! -name 'cmvn.scp' \
  \( -name '*.scp' -o -name utt2spk -o -name spk2utt -o -name label_shift -o -name corpora -o -name targets \) 2> /dev/null | sort)
mapfile -t ratings < <(find "$data"/{train,dev,test}/ratings -name '*.scp' -o -name raters 2> /dev/null | sort)
commit --out "${made[@]}" "${ratings[@]}" "$data/agreement.txt"
