#!/usr/bin/env bash
# Runs all lines of a file of commands as one array of jobs.

. "$(dirname "$0")/as_one.sh"

# Begin configuration section.
cmd=run.py                 # where jobs run
num_gpus=0                 # run the lines on so many GPUs, requested from cmd with --gpu 1: one job per GPU, which runs
                           # its share of the lines, commands of once.py, in one Python process. 0: one job per line
# End configuration section.

help_message="Usage: $0 [options] <file> <log>
e.g.: $0 --cmd \"slurm.py --mem 4G\" exp/search/jobs exp/search/log/search.JOB.log
<file> may be - for stdin. The line number replaces JOB in the log's file name. The jobs read a copy of the lines beside
the log, named by its checksum, so <file> may change while jobs wait.
Exit status: that of <cmd>, but after Ctrl-C this script ends by SIGINT; 1 if a line failed although <cmd> ended with 0;
0 for an empty file."
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
. "$root/utils/check_arguments.sh"
set -euo pipefail
. "$root/utils/once.sh"

file=$1 log=$2
[ "$file" = - ] || [ -f "$file" ] || fail "no such file $file"
need_cmd "$cmd"
[[ ${log##*/} == *JOB* ]] || fail "found the log $log, expected JOB in its name"
lines=$(cat "$file") # or standard input
[ -n "$lines" ] || exit 0
number=$(wc -l <<< "$lines")
folder=$(dirname "$log")
copy=$folder/lines.$(cksum <<< "$lines" | cut -d ' ' -f 1)
make_folder "$folder"
alone "$copy.lock"
replace "$copy" <<< "$lines" # the .ok of an earlier call stay: slurm.py and sge.py go on with an array that it left

# Quotes a word so that all launchers pass it to bash unchanged: Kaldi's launchers quote only words with blanks.
word() {
  local LC_ALL=C n character quoted=
  for ((n = 0; n < ${#1}; n++)); do
    character=${1:n:1}
    if [[ $character != [A-Za-z0-9_./:=,+@%-] ]]; then
      printf -v character '\\x%02x' $(($(printf %d "'$character") & 255))
    fi
    quoted+=$character
  done
  if [ "$quoted" = "$1" ]; then echo "$1"; else echo "\$'$quoted'"; fi
}
for job in JOB LINE NUMBER OF_THE_LINE; do # launchers replace the name everywhere, so it must not occur in the paths
  [[ $root$folder == *$job* ]] || break
done
name=${log##*/}
out=$folder/${name//JOB/$job}
copy_word=$(word "$copy")
status=0 stopped=false
trap 'stopped=true' INT # <cmd> receives it, too, and ends the jobs
# shellcheck disable=SC2086 # $cmd is words, as is Kaldi's convention
if [ "$num_gpus" -gt 0 ]; then
  jobs=$((num_gpus < number ? num_gpus : number))
  $cmd --gpu 1 $job=1:$jobs "$out" "$(word "$root/utils/python.sh")" "$(word "$root/utils/in_one_process.py")" "$copy_word" $job $jobs || status=$?
else
  $cmd $job=1:$number "$out" "$(word "$root/utils/run_line.sh")" "$copy_word" $job || status=$?
fi
trap - INT
[ $status -eq 0 ] || rm -f "$copy".*.ok
[ $status -eq 0 ] || ! $stopped || kill -INT $$
[ $status -eq 0 ] || exit $status
for n in $(seq "$number"); do # Kaldi's retry.pl ends with 0 when an array failed twice
  [ -e "$copy.$n.ok" ] || fail "line $n of $copy did not end well, though $cmd ended with 0; log: $folder/${name//JOB/$n}"
done
rm -f "$copy".*.ok
