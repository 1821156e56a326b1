# shellcheck shell=bash
# What several steps know of the folders that they read and write. Sourced, after $root is set.

# shellcheck disable=SC2154
. "$root/utils/once.sh"

# Ends the script unless the file "$1" is there; "$2" says what to do.
need() {
  [ -f "$1" ] || { echo "$0: no such file $1; $2" >&2; exit 1; }
}

# The word that the JSON file "$2" gives for the name "$1"; nothing where it gives none.
word_of() {
  { sed -n "s/.*\"$1\": \"\([A-Za-z0-9_.-]*\)\".*/\1/p" "$2" 2> /dev/null || true; } | head -n 1
}

# The runs of the trained system "$1" in their order, run1, run2 ..., as far as they hold the file "$2"; or the folder
# itself where it is a single run. A path a line, of the file.
runs_of() {
  local run runs
  runs=$(for run in "$1"/run*; do
    if [[ ${run##*/} =~ ^run[0-9]+$ ]] && [ -e "$run/$2" ]; then echo "$run/$2"; fi
  done | sort -V)
  if [ -n "$runs" ]; then echo "$runs"; elif [ -e "$1/$2" ]; then echo "$1/$2"; fi
}

# The files of the data directory "$1" that the rows of the architecture "$2" are made from, a path a line.
sources_of_rows() {
  printf '%s\n' "$1"/{feats.scp,cmvn.scp,utt2spk,frame_shift}
  [ -f "$1/frame_shift" ] || printf '%s\n' "$1"/{utt2dur,utt2num_frames} # which tell it then
  if grep -qs "^ *front_end = " "$root/cer/models/$2.py"; then
    printf '%s\n' "$1"/{wav.scp,segments,reco2file_and_channel}
  fi
}

# Refuses a folder to write into that holds a trained system or a data directory, which would be written over; not what
# predict.sh (predictions.json) and predict_recordings.sh (.models) have made.
check_output_dir() {
  local file
  [ ! -f "$1/predictions.json" ] && [ ! -f "$1/.models" ] || return 0
  for file in final.pt model.json postprocess.json run*/final.pt run*/model.json wav.scp feats.scp utt2spk; do
    if compgen -G "$(printf %q "$1")/$file" > /dev/null; then
      echo "$0: $1: found $file in it, expected a folder of its own for what is written; name another one" >&2
      exit 1
    fi
  done
}

# Joins what the jobs 1 to "$2" have predicted in "$1/.new", and puts it into "$1".
put_predictions_in_place() {
  local folder n
  for folder in "$1/.new" "$1"/.new/run*/; do
    for n in $(seq "$2"); do cat "$folder/output.$n.scp"; done > "$folder/output.scp"
  done
  put_in_place.py "$1/.new" "$1" "output.*" "csv/*" "run*/output.*" "run*/csv/*"
  for folder in "$1"/run*/csv "$1"/run*/; do rmdir "$folder" 2> /dev/null || true; done # of runs not used any more
}
