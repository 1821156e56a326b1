#!/usr/bin/env bash
# Runs all lines of a file of commands as one array of jobs.

# Begin configuration section.
cmd=run.py
# End configuration section.

help_message="Usage: $0 [options] <file> <log>
e.g.: $0 --cmd \"slurm.py --mem 4G\" exp/search/jobs exp/search/log/search.JOB.log
JOB in the log's name is replaced by the number of the line. The array reads a copy of the file beside the log, named by
its content: the file may be written anew while jobs wait.
Options:
  --cmd CMD    where jobs run (default: $cmd)
Exit status: that of CMD, 1 if a line did not end well whatever CMD says; 0 for an empty file."
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -ne 2 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

file=$1 log=$2
[ -f "$file" ] || { echo "$0: no such file $file" >&2; exit 1; }
[[ $log == *JOB* ]] || { echo "$0: found the log $log, expected JOB in its name" >&2; exit 1; }
number=$(wc -l < "$file")
[ "$number" -gt 0 ] || exit 0
copy=$(dirname "$log")/lines.$(cksum < "$file" | cut -d ' ' -f 1)
mkdir -p "$(dirname "$log")"
cp "$file" "$copy.tmp"
mv "$copy.tmp" "$copy"
rm -f "$copy".*.ok
$cmd JOB=1:$number "$log" "$root/utils/run_line.sh" "$copy" JOB || exit $?
for n in $(seq $number); do # Kaldi's retry.pl ends with 0 when an array failed twice
  [ -e "$copy.$n.ok" ] || { echo "$0: line $n of $copy did not end well, though $cmd ended with 0; log: ${log//JOB/$n}" >&2; exit 1; }
done
rm -f "$copy".*.ok
