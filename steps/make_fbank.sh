#!/usr/bin/env bash
# Computes log mel filterbank features. Same command line and output files as Kaldi's make_fbank.sh.

# Begin configuration section.
nj=4                       # number of jobs
cmd=run.py                 # where jobs run
fbank_config=conf/fbank.conf # options of the front end; if there is no such file, that in the conf/ beside steps/
allow_pipes=false          # run the commands in wav.scp, "sox ... |"
compress=true              # lossy, one byte per value, as in Kaldi
write_utt2num_frames=true  # write utt2num_frames
write_utt2dur=true         # write utt2dur, unless there is one that another program wrote
# End configuration section.

help_message="Usage: $0 [options] <data-dir> [<log-dir> [<fbank-dir>]]
e.g.: $0 --nj 9 --cmd \"slurm.py --mem 2G\" data/synth/train
Defaults: <log-dir> is <data-dir>/log, <fbank-dir> is <data-dir>/data."
. "$(dirname "$0")/../utils/parse_options.sh"
. "$(dirname "$0")/../utils/check_arguments.sh"

for f in "$1"/{spk2warp,utt2warp}; do
  [ ! -f "$f" ] || {
    echo "$0: found $f, whose warp factors Kaldi applies (VTLN), expected none: here they cannot be; move it away" >&2
    exit 1
  }
done
if [ "$fbank_config" = conf/fbank.conf ] && [ ! -f "$fbank_config" ]; then fbank_config=; fi
exec "$(dirname "$0")/make_feats.sh" --features fbank --feats-config "$fbank_config" --nj "$nj" --cmd "$cmd" \
  --allow-pipes "$allow_pipes" --compress "$compress" --write-utt2num-frames "$write_utt2num_frames" \
  --write-utt2dur "$write_utt2dur" "$@"
