#!/usr/bin/env bash
# Log mel filterbank features of a data directory. Kaldi's make_fbank.sh: same command line, same files left behind.

# Begin configuration section.
nj=4                       # number of jobs
cmd=run.py                 # where jobs run
fbank_config=conf/fbank.conf # options of the front end; where there is no such file, that in the conf/ beside steps/
allow_pipes=false          # run the commands in wav.scp, "sox ... |"
compress=true              # one byte a value, with loss, as in Kaldi
write_utt2num_frames=true  # leave utt2num_frames
write_utt2dur=true         # leave utt2dur, where there is none
# End configuration section.

help_message="Usage: $0 [options] <data-dir> [<log-dir> [<fbank-dir>]]
e.g.: $0 --nj 9 --cmd \"slurm.py --mem 2G\" data/synth/train
Defaults: <log-dir> is <data-dir>/log, <fbank-dir> is <data-dir>/data."
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/utils/parse_options.sh"
if [ $# -lt 1 ] || [ $# -gt 3 ]; then echo "$help_message" >&2; exit 1; fi

if [ "$fbank_config" = conf/fbank.conf ] && [ ! -f "$fbank_config" ]; then fbank_config=$root/conf/fbank.conf; fi
exec "$root/steps/make_feats.sh" --features fbank --feats-config "$fbank_config" --nj "$nj" --cmd "$cmd" \
  --allow-pipes "$allow_pipes" --compress "$compress" --write-utt2num-frames "$write_utt2num_frames" \
  --write-utt2dur "$write_utt2dur" "$@"
