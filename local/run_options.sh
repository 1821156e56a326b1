# shellcheck shell=bash disable=SC2034,SC2154 # the variables are run.sh's
# Sourced by run.sh: checks its options, derives the folders and systems, and defines the functions of its stages.

. utils/once.sh
. local/targets.sh

[ "$stage" -le "$stop_stage" ] && [ "$stop_stage" -le 6 ] ||
  fail "--stage and --stop-stage: found $stage and $stop_stage; the stages are 0 to 6, the second no less than the first"
[ $# -eq 0 ] || fail "found the argument '${1#./}', expected options only; see ./run.sh --help"
[ ! -f "egs/$corpus/prepare.sh" ] || [ -x "egs/$corpus/prepare.sh" ] || fail "egs/$corpus/prepare.sh cannot be run; chmod +x it"
[ -x "egs/$corpus/prepare.sh" ] || fail "--corpus: found '$corpus', there are: $(cd egs && echo */ | tr -d /)"
for name in archs targets postprocess; do # each word once: two trainings of a system would be in each other's way
  printf -v "$name" %s "$(tr -s ' ' '\n' <<< "${!name}" | awk 'NF && !seen[$0]++' | paste -sd ' ' -)"
done
for method in $postprocess; do
  [[ $method =~ ^(chain|gaussian)$ ]] || fail "--postprocess: found '$method', expected chain or gaussian"
done
for name in corpus corpus_affix features affix; do # JOB and RUN are replaced by numbers in the paths of jobs
  [[ ${!name} =~ ^[A-Za-z0-9_.-]*$ ]] && [[ ! ${!name} =~ JOB|RUN|^[._] ]] ||
    fail "--${name/_/-}: found '${!name}', expected letters, digits, '_', '-' and '.', without JOB and RUN"
done
for opt in $corpus_opts; do
  [[ $opt == --*=* ]] || fail "--corpus-opts: found '$opt', expected --name=value"
done
[[ "$archs $targets" =~ ^[A-Za-z0-9_.\ -]*$ ]] || fail "--archs and --targets: found '$archs' and '$targets', expected names"
[ -n "$archs" ] || fail "--archs: expected at least one"
there=$(cd cer/models && echo [a-z]*.py)
for arch in $archs; do
  [ -f "cer/models/$arch.py" ] && [ -f "conf/$arch.conf" ] ||
    fail "--archs: $arch needs cer/models/$arch.py and conf/$arch.conf; there are: ${there//.py/}"
done

# A relative --corpus-dir begins where ./run.sh was called: $OLDPWD, if that is another folder and has it.
[[ $corpus_dir == /* ]] || [ -z "$corpus_dir" ] || [ "$OLDPWD" -ef . ] || [ ! -d "$OLDPWD/$corpus_dir" ] || corpus_dir=$OLDPWD/$corpus_dir

name=$corpus${corpus_affix:+_$corpus_affix}
data=data/$name
exp=exp/$name
corpus_dir_here=${corpus_dir:-$data/corpus}
variation=$affix
if [ "$features" != fbank ]; then data=${data}_$features variation=${affix:+${affix}_}$features; fi
if [ ! -f "cer/features/$features.py" ] && [ ! -d "$data" ] && [ "$stop_stage" -gt 0 ]; then
  fail "--features: found '$features', expected a file of cer/features/ ($(cd cer/features && echo [a-z]*.py)), or features of your own: then --stop-stage 0 makes $data first"
fi
feats_config=egs/$corpus/conf/$features.conf # the corpus's own, if it exists
[ -f "$feats_config" ] || feats_config=

# Prints the name of the system "$2" after post-processing with the method "$1".
processed_by() { echo "${2%/*}_$1$([ "$fit_on" = train ] || echo "_$fit_on")/${2#*/}"; }
systems=() processed=()
# Names the <system>/<target> to train, and those after post-processing; without --targets, of all labels of train.
name_systems() {
  local arch target method system
  [ -n "$targets" ] || read -r targets <<< "$(labels_in "$data/train")"
  [ -n "$targets" ] || fail "$data/train: found no labels (<target>.scp); stage 0 makes them"
  for arch in $archs; do
    for target in $targets; do systems+=("$arch${variation:+_$variation}/$target"); done
  done
  for method in $postprocess; do
    for system in "${systems[@]}"; do processed+=("$(processed_by "$method" "$system")"); done
  done
}

times='' # of the stages so far
stage() {
  end_stage
  [ "$stage" -le "$1" ] && [ "$1" -le "$stop_stage" ] || return 1
  running=${2%%:*} begun=$SECONDS
  echo "$0: stage $1: $2"
}

running=
end_stage() {
  [ -z "$running" ] || times+="${times:+, }$running $((SECONDS - begun)) s"
  running=
}

# Prints what this call did and what there is now, at most eight lines.
summarise() {
  end_stage
  echo "$0: done: $times"
  local own=()
  [ -f "cer/features/$features.py" ] || own=(--own-features)
  [ "$stop_stage" -lt 6 ] || python3 -m local.results.summary "${own[@]}" "$exp" "${systems[@]}" "${processed[@]}"
}
sets() { for set in train dev test; do [ ! -f "$data/$set/wav.scp" ] || echo $set; done; }

check_cmd() {
  need_cmd "$cmd"
  [ "$quiet" = false ] || [ "${cmd%% *}" != run.py ] || cmd+=" --quiet" # Kaldi's launchers have no such option
}

# Ends a call whose front end is of no use to stage 1, before stage 0 has begun.
check_features() {
  [ "$features" = fbank ] || [ ! -f "cer/features/$features.py" ] || python3 -m cer.bin.compute_feats --features="$features" --help > /dev/null
}

check_data() {
  [ -z "$postprocess" ] || [ -f "$data/$fit_on/wav.scp" ] || fail "--fit-on: found '$fit_on', there are: $(sets | tr '\n' ' ')"
  [ -f "$data/train/wav.scp" ] || fail "$data/train/wav.scp: no such file; stage 0 makes it"
  [ "$stop_stage" -ge 3 ] || return 0
  name_systems
  local target
  for target in $targets; do
    [ -f "$data/train/$target.scp" ] || fail "--targets: found '$target'; $data/train has labels for:$(labels_in "$data/train"); stage 0 makes them"
  done
}

check_scores() {
  local system
  for system in "${systems[@]}"; do
    [ -f "$exp/$system/predict_dev/score.json" ] || fail "$exp/$system was not scored yet; stages 3 to 5 do it (--stage 3)"
  done
  [ "$stage" -lt 6 ] || python3 -m local.results.collect_results "$exp" # what changed since stage 5 is found
}

# The commit, "-dirty" where files of the recipe differ from it or are not in it.
commit_of_code() {
  local code=(run.sh cer conf egs local steps utils) dirty=
  [ -z "$(git status --porcelain -- "${code[@]}" 2> /dev/null)" ] || dirty=-dirty
  echo "$(git describe --always --abbrev=12 2> /dev/null || echo unknown)$dirty"
}

# As the call begins: a training takes hours, and the code may change meanwhile.
commit=$(commit_of_code)

# Writes <exp>/<system>/<target>/command: commit and command that made the system, for RESULTS.md. Where this call has
# trained, there is none now: steps/train_systems.sh removes that of an earlier training.
keep_commands() {
  local corpus_opts=$corpus_opts arch target option command file
  [ ! -f "$data/corpus_opts" ] || corpus_opts=$(< "$data/corpus_opts") # what stage 0 was given, not this call
  for arch in $archs; do
    for target in $targets; do
      command="./run.sh --corpus $corpus --archs $arch --targets $target --num-runs $num_runs"
      [ "$features" = fbank ] || command+=" --features $features"
      for option in corpus_dir corpus_opts corpus_affix train_opts affix; do
        [ -z "${!option}" ] || command+=" --${option/_/-} '${!option}'"
      done
      file=$exp/$arch${variation:+_$variation}/$target/command
      if [ "$(tail -n 1 "$file" 2> /dev/null)" != "$command" ]; then
        printf '# commit %s\n%s\n' "$commit" "$command" | replace "$file"
      fi
    done
  done
}
