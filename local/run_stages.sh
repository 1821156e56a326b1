# shellcheck shell=bash disable=SC2034,SC2154 # the variables are run.sh's and those of run_options.sh
# Sourced by run.sh: the functions of its stages.

. local/targets.sh

times='' running='' # of the stages that have ended; the name of the one that runs

# Begins the stage "$1", of which "$2" says "<name>: what it does", if this call includes it.
stage() {
  end_stage
  [ "$stage" -le "$1" ] && [ "$1" -le "$stop_stage" ] || return 1
  running=${2%%:*} begun=$SECONDS
  echo "$0: stage $1: $2"
}

end_stage() {
  [ -z "$running" ] || times+="${times:+, }$running $((SECONDS - begun)) s"
  running=
}

# Prints what this call did and what there is now, at most eight lines.
summarise() {
  end_stage
  echo "$0: done: $times"
  [ "$stop_stage" -lt 6 ] || python3 -m local.results.summary "$exp" "${systems[@]}" "${processed[@]}"
}

# Prints the name of the system "$2" after post-processing with the method "$1".
processed_by() { echo "${2%/*}_$1$([ "$fit_on" = train ] || echo "_$fit_on")/${2#*/}"; }
systems=() processed=()
# Names the <system>/<target> to train, and those after post-processing; without --targets, of all labels of train.
name_systems() {
  local arch target method system
  all_targets "$data/train"
  for arch in $archs; do
    for target in $targets; do systems+=("$arch${variation:+_$variation}/$target"); done
  done
  for method in $postprocess; do
    for system in "${systems[@]}"; do processed+=("$(processed_by "$method" "$system")"); done
  done
}

# Prints the sets that the corpus has, one per line.
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
  [ -z "$postprocess" ] || [ -f "$data/$fit_on/wav.scp" ] || fail "--fit-on: found '$fit_on', there are: $(sets | paste -sd ' ')"
  [ -f "$data/train/wav.scp" ] || fail "$data/train/wav.scp: no such file; stage 0 makes it"
  tell_of_older_features
  [ "$stop_stage" -ge 3 ] || return 0
  name_systems
  local target
  for target in $targets; do
    [ -f "$data/train/$target.scp" ] || fail "--targets: found '$target'; $data/train has labels for:$(labels_in "$data/train"); stage 0 makes them"
  done
}

# A call that begins behind stage 1 takes the features as they are.
tell_of_older_features() {
  local made_with=$data/train/conf/$features.conf options=${feats_config:-conf/$features.conf} now=/dev/null
  [ ! -f "$options" ] || now=$options
  [ "$stage" -le 1 ] || [ ! -f "$made_with" ] || cmp -s "$made_with" "$now" ||
    echo "WARNING ($0) $data: its features were made before $options changed; --stage 1 makes them again" >&2
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
commit=$(commit_of_code) # as the call begins: a training takes hours, and the code may change meanwhile

# Prints the command that makes the system of the architecture "$1" and the target "$2".
command_of() {
  local corpus_opts=$corpus_opts command option
  [ ! -f "$data/corpus_opts" ] || corpus_opts=$(< "$data/corpus_opts") # of the call whose stage 0 made the data
  command="./run.sh --corpus $corpus --archs $1 --targets $2 --num-runs $num_runs"
  [ "$features" = fbank ] || command+=" --features $features"
  for option in corpus_dir corpus_opts corpus_affix train_opts affix; do
    [ -z "${!option}" ] || command+=" --${option/_/-} '${!option}'"
  done
  echo "$command"
}

# Writes commit and command of each system to <exp>/<system>/<target>/command, for RESULTS.md. A file with this command
# stays: its commit is that of the training. Where this call has trained, there is none: steps/train_systems.sh removes it.
keep_commands() {
  local arch target command file
  for arch in $archs; do
    for target in $targets; do
      command=$(command_of "$arch" "$target")
      file=$exp/$arch${variation:+_$variation}/$target/command
      [ "$(tail -n 1 "$file" 2> /dev/null)" = "$command" ] || printf '# commit %s\n%s\n' "$commit" "$command" | replace "$file"
    done
  done
}
