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
featsdir=${3:-$data/data}
raw=raw_${features}_$(basename "$data")
if [ ! -f "$root/cer/features/$features.py" ]; then
  for f in feats.scp frame_shift; do
    [ -f "$data/$f" ] || fail "$data/$f: no such file; put features of your own there, and the seconds between frames into frame_shift"
  done
  f=$(front_end_configs "$data")
  if [ -n "$f" ]; then
    f=${f%%$'\n'*} name=$(basename "${f%%$'\n'*}" .conf)
    fail "found $f, which says that $name made these features; remove it, or use --features $name"
  fi
  exit 0
fi
for f in "conf/$features.conf" "$root/conf/$features.conf"; do
  if [ -z "$feats_config" ] && [ -f "$f" ]; then feats_config=$f; fi
done
need "$data/wav.scp" "stage 0 makes it"
[ -z "$feats_config" ] || need "$feats_config" "expected options of the front end, one --name=value a line"

what=("$data"/{segments,reco2file_and_channel} ${feats_config:+"$feats_config"}
  --opt "compress=$compress" --code "$root/cer/bin/compute_feats.py" "$root/cer/features/$features.py")
where=(--opt ${3:+"into=$featsdir"}) # and which files
$write_utt2num_frames || where+=(without=utt2num_frames)
$write_utt2dur || where+=(without=utt2dur)
if ! begin "$data/.done.$features" --in "$data/wav.scp" "${what[@]}" "${where[@]}"; then
  echo "$0: $data/feats.scp is up to date"
  exit 0
fi
[ $# -lt 3 ] || alone "$featsdir/.$raw.lock" # of a data directory of the same name, which may be at work there, too
refuse_archives_of_another "$featsdir/$raw" "$data" feats.scp
# The seconds in utt2dur are renewed with the features if this step wrote them: each line is in the parts of its jobs.
shopt -s extglob
renew_utt2dur=false
if $write_utt2dur && { [ ! -f "$data/utt2dur" ] ||
  ! grep -qvxFf <(cat "$featsdir/$raw".+([0-9]).utt2dur 2> /dev/null) "$data/utt2dur"; }; then
  renew_utt2dur=true
fi
# Jobs write to a new folder: earlier features stay until the new ones are complete.
new=$featsdir/.new.${raw#raw_}
checked=$new/checked # the data directory without its earlier features
rm -rf "$checked"
make_folder "$checked"
made=feats.scp\|utt2num_frames\|cmvn.scp\|vad.scp
if $renew_utt2dur; then made+=\|utt2dur; fi
others=()
for f in "$(realpath "$data")"/!($made); do
  [ ! -f "$f" ] || others+=("$f")
done
ln -s "${others[@]}" "$checked"
status=0
found=$("$root/utils/validate_data_dir.sh" --no-text --no-feats "$checked" 2>&1) || status=$?
echo "${found//"$checked"/"$data"}" >&2
[ $status -eq 0 ] || exit $status
rm -r "$checked"

utts=$data/segments field=2 # where the recording stands
[ -f "$utts" ] || utts=$data/wav.scp field=1
num_utts=$(wc -l < "$utts")
if [ "$nj" -gt "$num_utts" ]; then
  echo "$0: $num_utts utterances: using $num_utts jobs instead of $nj"
  nj=$num_utts
fi
opts=(${feats_config:+"--config=$feats_config"})
if $compress; then opts+=(--compress=true); fi
if $allow_pipes; then opts+=(--allow-pipes=true); fi
python=$root/utils/python.sh
tables=("$(realpath "$utts")" "$(realpath "$data/wav.scp")") # awk would set a variable by the argument x=1/wav.scp
for n in $(seq "$nj"); do # skip parts that an earlier call finished; what a part is made from are its recordings alone
  awk -v field=$field -v before=$((num_utts * (n - 1) / nj)) -v last=$((num_utts * n / nj)) '
    NR == FNR { if (NR > before && NR <= last) keep[$field]; next } $1 in keep' "${tables[@]}" > "$new/part.$n.scp"
  once=("$new/.done.$n" --in "$new/part.$n.scp" "${what[@]}" --opt "part=$n/$nj")
  if once.py --check "${once[@]}" > /dev/null; then continue; fi
  printf '%q ' "$python" "$root/utils/once.py" "${once[@]}" --out "$new/$raw.$n".{scp,ark,utt2num_frames,utt2dur,frame_shift} \
    -- "$python" -m cer.bin.compute_feats --features="$features" "${opts[@]}" --part="$n/$nj" "$data" "$new/$raw.$n"
  echo
done | "$root/utils/run_lines.sh" --cmd "$cmd" - "$logdir/make_${raw#raw_}.JOB.log"

num_feats=$(joined "$new/$raw" "$nj" scp | wc -l)
if [ "$num_feats" -ne "$num_utts" ]; then
  fail "found features of $num_feats utterances, expected $num_utts; see $logdir/make_${raw#raw_}.*.log"
fi
if [ -f "$data/feats.scp" ] && ! grep -qF " $(realpath "$featsdir")/$raw." "$data/feats.scp"; then
  make_folder "$data/.backup"
  echo "$0: copying $data/feats.scp, which names archives elsewhere, to $data/.backup"
  cp -p --backup=numbered "$data/feats.scp" "$data/.backup/"
else
  rm -f "$data/feats.scp" # it names places in archives that are replaced now
fi
rm -f "$new"/.done.* "$new"/part.*.scp
if $renew_utt2dur; then joined "$new/$raw" "$nj" utt2dur | replace "$data/utt2dur"; fi # before the earlier parts go
[ $# -lt 3 ] || realpath "$data" > "$new/$raw.of"
put_in_place.py "$new" "$featsdir"
for f in "$featsdir/$raw".+([0-9]).@(ark|scp|utt2num_frames|utt2dur|frame_shift); do # not of <data-dir>.clean
  n=${f#"$featsdir/$raw."}
  [ "${n%%.*}" -le "$nj" ] || rm "$f" # of an earlier call with more jobs
done
if $write_utt2num_frames; then
  joined "$featsdir/$raw" "$nj" utt2num_frames | replace "$data/utt2num_frames"
else
  rm -f "$data/utt2num_frames" # of the features before
fi
replace "$data/frame_shift" < "$featsdir/$raw.1.frame_shift"
make_folder "$data/conf"
replace "$data/conf/$features.conf" < "${feats_config:-/dev/null}"
front_end_configs "$data" | while read -r f; do # of the front end that made the features before
  [ "$f" = "$data/conf/$features.conf" ] || rm "$f"
done
joined "$featsdir/$raw" "$nj" scp | replace "$data/feats.scp"
commit --out "$data"/{feats.scp,utt2num_frames,frame_shift} "$data/conf/$features.conf"
echo "$0: wrote features of $num_feats utterance$([ "$num_feats" -eq 1 ] || echo s) to $data/feats.scp"
