"""The script that the engine runs for each task: it writes a log as Kaldi's launchers do, and a status file."""

import shlex

PATIENCE = 60  # seconds that a task waits for the folder of its array, unless a signal asks it to end

# Names start with _ so that path.sh, which is sourced in between, cannot change them by accident.
# When a task restarts, the log is removed, not emptied: processes of the first attempt may still write to it.
# The script survives signals: they also reach the command, which ends, and the script then writes its status.
# Exit statuses 99 and 100 have a special meaning in Grid Engine, so any failed task ends with 1.
TEMPLATE = r"""#!/usr/bin/env bash
# Submitted with: {submitted}
_number={task_id} _attempt="{job_name} $HOSTNAME:$$:$(date +%s)"
_folder={folder} _log={log} _command={command}
{replace}
_stage=start _patience={patience}
_wait_for_folder() {{ # a file system may be away for a moment
  local n
  for ((n = 0; n < _patience; n++)); do
    [ ! -d "$_folder" ] || return 0
    sleep 1
  done
  return 1
}}
_finish() {{
  local status=$? n start said=
  trap - EXIT
  if [ "$_stage" != command ] && [ $status -eq 0 ]; then status=1; fi
  for ((n = 0; n < 5; n++)); do # the folder may go away between any two of these commands
    _wait_for_folder || break
    if start=$(cat "$_folder/$_number.start"); then
      if [ "$start" != "$_attempt" ]; then exit 1; fi # it was started again elsewhere
      if [ -z "$said" ]; then
        if [ "$(tail -c 1 "$_log" 2> /dev/null | wc -l)" -eq 0 ]; then echo; fi
        echo "# Accounting: time=$SECONDS threads={threads}"
        echo "# Finished at $(date) with status $status"
        said=true
      fi
      if echo "$_attempt $status $SECONDS $_stage" > "$_folder/$_number.$$.tmp" &&
        mv -f "$_folder/$_number.$$.tmp" "$_folder/$_number.status"; then break; fi
    fi
    sleep 1
  done
  exit $((status != 0))
}}

_start() {{ # notes that this attempt has begun; the folder may go away between any two of these commands
  local n name
  for ((n = 0; n < 5; n++)); do
    _wait_for_folder || break
    name=$(head -n 1 "$_folder/job")
    if [ -z "$name" ] && [ $n -lt 2 ]; then sleep 1 && continue; fi
    # Its end has been reported, this is a late second attempt; or another array has the folder by now.
    if [ "$name" != "{job_name}" ]; then
      echo "it is called {job_name}, $_folder expects $name"
      exit 0
    fi
    if [ -e "$_folder/$_number.start" ]; then rm -f "$_log"; fi
    if echo "$_attempt" > "$_folder/$_number.$$.tmp" && rm -f "$_folder/$_number.status" &&
      mv -f "$_folder/$_number.$$.tmp" "$_folder/$_number.start"; then return 0; fi
    sleep 1
  done
  exit 1
}}

_start
trap _finish EXIT
trap _patience=2 HUP INT TERM XCPU USR1 USR2
SECONDS=0
_stage=log
for ((_n = 0; _n < 5; _n++)); do if [ -d "${{_log%/*}}" ]; then break; else sleep 1; fi; done
exec > "$_log" 2>&1 < /dev/null
echo "# Running on $HOSTNAME"
echo "# Started at $(date)"
printf '# %s\n' "$_command"
_stage=folder
unset CER_OWNER # a process of the submitting machine
cd {directory}
[ $? -eq 0 ] || exit 1
_stage=path.sh
if [ -f path.sh ]; then . ./path.sh; fi
_stage=command
exec 2> /dev/null # bash's own words about a command that was killed
bash -c "$_command" 2>&1
exit $?
"""


def job_script(jobs, engine, submitted, folder, directory):
    """Return the text of the script.

    jobs: a Jobs; engine: has the shell expressions for the task's number and the job's name; submitted: the command
    line that submits it, a list of words; folder: its JobFolder; directory: working directory of the command.
    """
    replace = f"_log=${{_log//{jobs.name}/$_number}} _command=${{_command//{jobs.name}/$_number}}" if jobs.name else "#"
    return TEMPLATE.format(
        submitted=shlex.join(submitted).replace("\n", " "),
        task_id=engine.task_id,
        job_name=engine.job_name,
        folder=shlex.quote(str(folder.path)),
        log=shlex.quote(str(directory / jobs.log)),
        command=shlex.quote(jobs.command),
        replace=replace,
        threads=([1, *jobs.integers("--num-threads")])[-1],
        directory=shlex.quote(str(directory)),
        patience=PATIENCE,
    )
