# shellcheck shell=bash
# The job launcher and its options. run.sh --cmd overrides it.
#   run.py                    this machine, one job per processor at a time
#   slurm.py --mem 4G         Slurm; conf/slurm.conf sets partition, account ...
#   sge.py --mem 4G           Grid Engine; conf/queue.conf sets queue, parallel environment ...
#   slurm.pl, queue.pl        Kaldi's own launchers, which read the same files
export train_cmd="run.py"
