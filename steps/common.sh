# shellcheck shell=bash
# Functions that several steps share. Source it after setting $root.

# shellcheck disable=SC2154
. "$root/utils/once.sh"

# Ends the script if the file "$1" does not exist; "$2" tells the user what to do.
need() {
  [ -f "$1" ] || fail "no such file $1; $2"
}

# Ends the script unless the data directory "$1" has the file "$2", which stage "$3" makes.
need_in() {
  [ -f "$1/$2" ] && return 0
  local own=
  [ "$3" != 0 ] || own=", or you do, as egs/README.md says"
  fail "no such file $1/$2; stage $3 makes it$own ($1 holds: $(cd "$1" 2> /dev/null && echo *.scp || echo nothing))"
}

# Prints the files that the options "$@" of a program name, such as --config=conf/delay.conf, one per line.
files_in_options() {
  local option
  for option; do [ ! -f "${option#*=}" ] || echo "${option#*=}"; done
}

# Prints the configurations of the architecture "$1" and the target "$2" in the folders "$3", words (default: the conf/ beside
# steps/), one path per line.
configs_of() {
  local folder file
  for folder in ${3:-"$root/conf"}; do
    for file in "$folder/$1.conf" "$folder/$1.$2.conf"; do [ ! -f "$file" ] || echo "$file"; done
  done
}

# Prints the paths of the file "$2" in the runs of the trained system "$1", run1/$2, run2/$2 ..., one per line.
# If "$1" is the folder of a single run, prints "$1/$2". Leaves out runs without this file.
runs_of() {
  local run runs
  runs=$(for run in "$1"/run*; do
    if [[ ${run##*/} =~ ^run[0-9]+$ ]] && [ -e "$run/$2" ]; then echo "$run/$2"; fi
  done | sort -V)
  if [ -n "$runs" ]; then echo "$runs"; elif [ -e "$1/$2" ]; then echo "$1/$2"; fi
}

# Ends the script unless the folder "$1" holds a trained run.
need_model() {
  [ -d "$1" ] || fail "no such folder $1, expected that of a trained system; is its name right? Stage 3 (steps/train.sh) makes it"
  [ -z "$(runs_of "$1" final.pt)" ] || return 0
  if [ -L "$1/run1" ] && [ ! -e "$1/run1" ]; then # of a post-processed system
    fail "$1/run1: links to $(readlink "$1/run1"), which is not there; copy its folder with cp -rL"
  fi
  local trained=("$1"/*/run*/final.pt)
  [ ! -f "${trained[0]}" ] || fail "$1: found a system, expected one of its targets, such as ${trained[0]%/run*}"
  fail "$1: found no trained run in it (run1/final.pt); stage 3 (steps/train.sh) makes it"
}

# Ends the script unless the trained system "$1" has as many runs as "$2" says, if it says so.
need_runs() {
  local found
  found=$(runs_of "$1" final.pt | wc -l)
  [ "$found" -ge "${2:-1}" ] && return 0
  fail "found $(counted "$found" "trained run") in $1, expected $2; stage 3 trains the rest, or --num-runs $found"
}

# Prints the files of the data directory "$1" that the input rows of the architecture "$2" depend on, one path per line.
sources_of_rows() {
  printf '%s\n' "$1"/{feats.scp,cmvn.scp,utt2spk,frame_shift}
  [ -f "$1/frame_shift" ] || printf '%s\n' "$1"/{utt2dur,utt2num_frames} # they define the frame shift then
  if grep -qs "^ *front_end = " "$root/cer/models/$2.py"; then
    printf '%s\n' "$1"/{wav.scp,segments,reco2file_and_channel}
  fi
}

# Ends the script if the output folder "$1" holds a trained system, a data directory or other files that this step would
# overwrite. A folder that an earlier call of the same step made has one of the files "${@:2}", and may be used again.
check_output_dir() {
  local file
  [ ! -e "$1" ] || [ -d "$1" ] || fail "$1: found a file, expected an empty or new output folder"
  for file in "${@:2}"; do [ ! -e "$1/$file" ] || return 0; done
  for file in final.pt model.json postprocess.json results.json wav.scp feats.scp utt2spk csv "run*" "output.*" \
    "*/run*/model.json" "*/*/run*/model.json"; do
    if compgen -G "$(printf %q "$1")/$file" > /dev/null; then
      fail "$1: found $file in it, expected an empty or new output folder; name another one"
    fi
  done
}

# Prints a number and its noun: counted 2 run -> 2 runs.
counted() { echo "$1 $2$([ "$1" -eq 1 ] || echo s)"; }

# Prints the lines of the logs "$1.1.log" to "$1.$2.log" that grep finds with the other arguments, each line once.
lines_of_logs() {
  local stem=$1 number=$2 n
  shift 2
  for n in $(seq "$number"); do
    grep -hs "$@" "$stem.$n.log" || true
  done | awk '!seen[$0]++'
}

# Prints what the logs of run1 to run"$2" of the system "$1" say of their results.
results_of_runs() {
  lines_of_logs "$1/log/train" "$2" -e "of epoch" -e "^label delay" -e "^WARNING"
}

# Ends the script if the archives "$1".* belong to another data directory than "$2": the one that the file "$1.of" names,
# whose table "$3" still names them.
refuse_archives_of_another() {
  local other
  other=$(cat "$1.of" 2> /dev/null || true)
  if [ -n "$other" ] && [ ! "$other" -ef "$2" ] && grep -qsF " $(realpath "$1")." "$other/$3"; then
    fail "$1.*: found the archives of $other, expected another folder for those of $2; name one as the third argument"
  fi
}

# Prints the parts that jobs 1 to "$2" wrote, "$1.<job>.$3", in their order, which keeps the lines sorted.
joined() {
  local n
  for n in $(seq "$2"); do cat "$1.$n.$3"; done
}

# Moves the predictions that jobs 1 to "$2" wrote into "$1/.new" to "$1", with one table of all.
put_predictions_in_place() {
  local folder
  for folder in "$1/.new" "$1"/.new/run*/; do
    joined "$folder/output" "$2" scp | replace "$folder/output.scp"
  done
  put_in_place.py "$1/.new" "$1" "output.*" "csv/**" "run*/output.*" "run*/csv/**"
  find "$1"/csv "$1"/run*/ -type d -empty -delete 2> /dev/null || true # of unused runs and earlier utterances
}
