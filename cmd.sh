# shellcheck shell=bash
# Where jobs run: one command line a kind of job, with options if it takes some. run.sh's --cmd overrides it.
#   run.py                    this machine, as many jobs at once as it has processors
#   slurm.pl --mem 4G         Slurm, by Kaldi's own launcher
#   queue.pl --mem 4G         Grid Engine, by Kaldi's own launcher
export train_cmd="run.py"
