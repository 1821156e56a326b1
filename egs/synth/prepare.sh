#!/usr/bin/env bash
# Stage 0 for the open corpus: generates it, then prepares it with RECOLA's preparation.

. "$(dirname "$0")/../../utils/as_one.sh"

# Begin configuration section.
opts=                      # options of the generator and of the preparation, in any order;
                           # python3 -m egs.synth.generate --help and python3 -m egs.recola.prepare --help list them
nj=4                       # number of jobs for the generator
cmd=run.py                 # where jobs run
# End configuration section.

help_message="Usage: $0 [options] <corpus-dir> <data-dir>
e.g.: $0 --nj 2 --opts \"--seed=2 --duration=60\" data/synth_seed2/corpus data/synth_seed2"
. steps/start.sh

corpus=$1 data=$2
# Options in the generator's help go to the generator, those in the preparation's help to the preparation.
generator=$(python3 -m egs.synth.generate --help)
generate_opts=
prepare_opts=
for opt in $opts; do
  if grep -qw -e "${opt%%=*}" <<< "$generator"; then
    generate_opts+=" $opt"
  elif grep -qw -e "${opt%%=*}" <<< "${preparation:=$(python3 -m egs.recola.prepare --help)}"; then
    prepare_opts+=" $opt"
  else
    fail "unrecognized arguments: $opt; see python3 -m egs.synth.generate --help and python3 -m egs.recola.prepare --help"
  fi
done
# The stamp is in the corpus's folder, so that several data directories can share the corpus.
# shellcheck disable=SC2206 # options are words
generated=("$corpus/.done.generate" --opt $generate_opts --code egs/synth/generate.py)
# shellcheck disable=SC2086 # options are words
once.py --check "${generated[@]}" > /dev/null ||
  python3 -m egs.recola.prepare --check-options $prepare_opts "$corpus" "$data" # before minutes of generating
if begin "${generated[@]}"; then
  for n in $(seq $nj); do
    # shellcheck disable=SC2086 # options are words
    printf '%q ' "$PWD/utils/python.sh" -m egs.synth.generate --job=$n --num-jobs=$nj $generate_opts "$corpus"
    echo
  done | utils/run_lines.sh --cmd "$cmd" - "$data/log/generate.JOB.log"
  mapfile -t made < <(find -L "$corpus" -name '*.wav' -o -name '*.csv' | sort)
  commit --out "$corpus"/{SYNTHETIC,README,partition.txt} "${made[@]}"
  recordings=("$corpus"/RECOLA-Audio-recordings/*.wav)
  echo "$0: generated ${#recordings[@]} recordings in $corpus"
else
  echo "$0: $corpus is up to date"
fi
egs/recola/prepare.sh --opts "$prepare_opts" "$corpus" "$data"
