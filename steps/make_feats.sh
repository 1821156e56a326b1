#!/usr/bin/env bash
# Computes the features of a data directory with any front end, as an array of jobs: wav.scp, segments -> feats.scp.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
features=fbank             # front end, a file of cer/features/; any other name is for your own features, which must
                           # be in <data-dir> already
feats_config=              # options of the front end (default: conf/<features>.conf, here or beside steps/)
nj=4                       # number of jobs
cmd=run.py                 # where jobs run
allow_pipes=false          # run the commands in wav.scp, "sox ... |"
compress=false             # lossy, one byte per value
write_utt2num_frames=true  # write utt2num_frames
write_utt2dur=true         # write utt2dur, unless there is one that another program wrote
# End configuration section.

help_message="Usage: $0 [options] <data-dir> [<log-dir> [<feats-dir>]]
e.g.: $0 --features egemaps --nj 9 data/synth_egemaps/train
Defaults: <log-dir> is <data-dir>/log, <feats-dir> is <data-dir>/data."
. "$(dirname "$0")/start.sh"

data=$1
logdir=${2:-$data/log}
featsdir=${3:-$data/data} shared=${3-} # by several data directories
name=${features}_$(basename "$data")
raw=raw_$name # the archives are $featsdir/$raw.<job>.ark
shopt -s extglob

# Prints the configurations of front ends that the data directory holds, one path per line.
front_end_configs() {
  local file
  for file in "$root"/cer/features/[a-z]*.py; do
    file=${file##*/} file=$data/conf/${file%.py}.conf
    [ ! -f "$file" ] || echo "$file"
  done
}

# Ends the script if the data directory has features of the user's own; otherwise says what is missing.
take_own_features() {
  local file configs
  for file in feats.scp frame_shift; do
    need "$data/$file" "put features of your own there, and the seconds between frames into frame_shift"
  done
  mapfile -t configs < <(front_end_configs)
  [ ${#configs[@]} -gt 0 ] || exit 0
  file=$(basename "${configs[0]}" .conf)
  fail "found ${configs[0]}, which says that $file made these features; remove it, or use --features $file"
}

# Whether this step may write utt2dur: there is none, or an earlier call wrote it, so that its jobs' parts have each line.
owns_utt2dur() {
  [ ! -f "$data/utt2dur" ] || ! grep -qvxFf <(cat "$featsdir/$raw".+([0-9]).utt2dur 2> /dev/null) "$data/utt2dur"
}

# Prints the command of each job, a line, unless an earlier call finished it. Its recordings alone are its inputs, so that a
# recording that is mended does not concern the other jobs.
commands_of_jobs() {
  local n part once python=$root/utils/python.sh
  local tables=("$(realpath "$utts")" "$(realpath "$data/wav.scp")") # absolute: awk takes x=1/wav.scp for a variable
  for n in $(seq "$nj"); do
    part=$new/part.$n.scp
    awk -v field=$field -v before=$((num_utts * (n - 1) / nj)) -v last=$((num_utts * n / nj)) '
      NR == FNR { if (NR > before && NR <= last) keep[$field]; next } $1 in keep' "${tables[@]}" > "$part"
    once=("$new/.done.$n" --in "$part" "${made_from[@]}" --opt "part=$n/$nj")
    if once.py --check "${once[@]}" > /dev/null; then continue; fi
    printf '%q ' "$python" "$root/utils/once.py" "${once[@]}" --out "$new/$raw.$n".{scp,ark,utt2num_frames,utt2dur,frame_shift} \
      -- "$python" -m cer.bin.compute_feats --features="$features" ${feats_config:+"--config=$feats_config"} \
      --compress="$compress" --allow-pipes="$allow_pipes" --part="$n/$nj" "$data" "$new/$raw.$n"
    echo
  done
}

# Replaces the earlier features by those in $new. feats.scp goes first and comes last: without it, nobody takes what a
# killed call leaves for features.
replace_features() {
  local file n
  if [ -f "$data/feats.scp" ] && ! grep -qF " $(realpath "$featsdir")/$raw." "$data/feats.scp"; then
    make_folder "$data/.backup"
    echo "$0: copying $data/feats.scp, which names archives elsewhere, to $data/.backup"
    cp -p --backup=numbered "$data/feats.scp" "$data/.backup/"
  else
    rm -f "$data/feats.scp"
  fi
  rm -f "$new"/.done.* "$new"/part.*.scp
  if $renew_utt2dur; then joined "$new/$raw" "$nj" utt2dur | replace "$data/utt2dur"; fi # before the earlier parts go
  [ -z "$shared" ] || realpath "$data" > "$new/$raw.of"
  put_in_place.py "$new" "$featsdir"
  for file in "$featsdir/$raw".+([0-9]).@(ark|scp|utt2num_frames|utt2dur|frame_shift); do # not those of <data-dir>.clean
    n=${file#"$featsdir/$raw."}
    [ "${n%%.*}" -le "$nj" ] || rm "$file" # of an earlier call with more jobs
  done
  if $write_utt2num_frames; then
    joined "$featsdir/$raw" "$nj" utt2num_frames | replace "$data/utt2num_frames"
  else
    rm -f "$data/utt2num_frames" # of the earlier features
  fi
  replace "$data/frame_shift" < "$featsdir/$raw.1.frame_shift"
  make_folder "$data/conf"
  replace "$data/conf/$features.conf" < "${feats_config:-/dev/null}"
  front_end_configs | while read -r file; do
    [ "$file" = "$data/conf/$features.conf" ] || rm "$file" # of the front end that made the earlier features
  done
  joined "$featsdir/$raw" "$nj" scp | replace "$data/feats.scp"
}

[ -f "$root/cer/features/$features.py" ] || take_own_features
for file in "conf/$features.conf" "$root/conf/$features.conf"; do
  if [ -z "$feats_config" ] && [ -f "$file" ]; then feats_config=$file; fi
done
need "$data/wav.scp" "stage 0 makes it"
[ -z "$feats_config" ] || need "$feats_config" "expected options of the front end, one --name=value a line"

made_from=("$data"/{segments,reco2file_and_channel} ${feats_config:+"$feats_config"}
  --opt "compress=$compress" --code "$root/cer/bin/compute_feats.py" "$root/cer/features/$features.py")
written=(${3:+"into=$featsdir"})
$write_utt2num_frames || written+=(without=utt2num_frames)
$write_utt2dur || written+=(without=utt2dur)
if ! begin "$data/.done.$features" --in "$data/wav.scp" "${made_from[@]}" --opt "${written[@]}"; then
  echo "$0: $data/feats.scp is up to date"
  exit 0
fi
[ -z "$shared" ] || alone "$featsdir/.$raw.lock" # of a data directory of the same name, which may be at work there, too
refuse_archives_of_another "$featsdir/$raw" "$data" feats.scp
renew_utt2dur=false made=feats.scp,utt2num_frames,cmvn.scp,vad.scp
if $write_utt2dur && owns_utt2dur; then renew_utt2dur=true made+=,utt2dur; fi
"$root/utils/validate_data_dir.sh" --no-text --no-feats --ignore=$made "$data" > /dev/null

new=$featsdir/.new.$name # jobs write here: the earlier features stay until the new ones are complete
make_folder "$new"
utts=$data/segments field=2 # of the lines of utterances, that of the recording
[ -f "$utts" ] || utts=$data/wav.scp field=1
num_utts=$(wc -l < "$utts")
if [ "$nj" -gt "$num_utts" ]; then
  echo "$0: $num_utts utterances: using $num_utts jobs instead of $nj"
  nj=$num_utts
fi
commands_of_jobs | "$root/utils/run_lines.sh" --cmd "$cmd" - "$logdir/make_$name.JOB.log"
num_feats=$(joined "$new/$raw" "$nj" scp | wc -l)
[ "$num_feats" -eq "$num_utts" ] ||
  fail "found features of $num_feats utterances, expected $num_utts; see $logdir/make_$name.*.log"
replace_features
commit --out "$data"/{feats.scp,utt2num_frames,frame_shift} "$data/conf/$features.conf"
echo "$0: wrote features of $(counted "$num_feats" utterance) to $data/feats.scp"
