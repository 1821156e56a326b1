# shellcheck shell=bash
# Where jobs run: one command line a kind of job, with options if it takes some. run.sh's --cmd overrides it.
#   run.py                    this machine, as many jobs at once as it has processors
#   slurm.py --mem 4G         Slurm; conf/slurm.conf says how (partition, account)
#   sge.py --mem 4G           Grid Engine; conf/queue.conf says how (queue, parallel environment)
#   slurm.pl, queue.pl        Kaldi's own launchers, which read the same files
export train_cmd="run.py"
