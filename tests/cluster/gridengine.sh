#!/usr/bin/env bash
# A real Grid Engine on this machine alone, for tests: no system service, everything in one folder. One node: an engine
# has one execution daemon a host.

# Begin configuration section.
slots=4                    # jobs at once
memory=1G                  # of the node: the consumable ram_free, for which Kaldi's launcher asks, too
gpus=0                     # GPUs, the consumable gpu: made up, only their number is kept
port=6444                  # first port to try
node_timeout=10            # seconds until the silent node is lost
# End configuration section.

help_message="Usage: $0 [options] start|stop <folder>
       $0 crash <folder> controller|nodes|node
e.g.: $0 --slots 2 start /tmp/sge; set -a; . /tmp/sge/env; qstat -f; $0 stop /tmp/sge
Installs Debian's packages if they are missing. start may be called again: it starts what does not run.
crash kills daemons as a power cut does: sge_qmaster; sge_execd, but not the jobs; or the node with its jobs.
Exit status: 0 done, 1 it does not work, 77 Grid Engine cannot be had here."
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
. "$here/../../utils/parse_options.sh"
. "$here/common.sh"
if [ $# -lt 2 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

action=$1 folder=$(realpath -m "$2") victim=${3-}
programs=/usr/lib/gridengine common=$folder/root/default/common made=$folder/made
export SGE_ROOT=$folder/root SGE_CELL=default SGE_CLUSTER_NAME=cer
mark=SGE_ROOT=$SGE_ROOT # of the daemons and of their jobs
configured() { [ -s "$folder/env" ]; }

write_env() {
  port=$(free_ports "$port" 2)
  printf '%s\n' "SGE_ROOT=$SGE_ROOT" SGE_CELL=default SGE_CLUSTER_NAME=cer "SGE_QMASTER_PORT=$port" \
    "SGE_EXECD_PORT=$((port + 1))" > "$folder/env"
}
load_env() {
  set -a
  # shellcheck source=/dev/null
  . "$folder/env"
  set +a
}

# Changes lines of a table of "name value": pairs of arguments.
with() {
  local expression=
  while [ $# -gt 0 ]; do
    expression+="s|^$1 .*|$1 $2|;"
    shift 2
  done
  sed -e "$expression"
}

# An SGE_ROOT of its own, whose state is text files ("classic").
make_root() {
  local architecture name
  architecture=$(/usr/share/gridengine/util/arch)
  mkdir -p "$common" "$made" "$folder"/{tmp,execd,qmaster/job_scripts} "$folder"/root/{bin,lib,utilbin}
  for name in bin lib utilbin; do ln -sfn $programs "$folder/root/$name/$architecture"; done
  ln -sfn /usr/share/gridengine/util "$folder/root/util"
  chmod 1777 "$folder/tmp"
  echo localhost > "$common/act_qmaster"
  # Without this table of one host's names every client is refused.
  echo "localhost $(hostname) $(hostname -s)" | xargs -n 1 | awk '!seen[$0]++' | xargs > "$common/host_aliases"
  printf '%s\n' "admin_user none" "default_domain none" "ignore_fqdn false" "spooling_method classic" \
    "spooling_lib libspoolc" "spooling_params $common;$folder/qmaster" "binary_path $programs" \
    "qmaster_spool_dir $folder/qmaster" "security_mode none" "listener_threads 2" "worker_threads 2" \
    "scheduler_threads 1" > "$common/bootstrap"
}

# Jobs of root, without login shells, whose profiles may do anything; accounts and lost nodes known at once; no mail.
make_state() {
  sed -e 's/^reporting_params.*/reporting_params accounting=true reporting=false flush_time=00:00:01 accounting_flush_time=00:00:00/' \
    /usr/share/gridengine/default-configuration |
    with execd_spool_dir "$folder/execd" min_uid 0 min_gid 0 login_shells none mailer /bin/true \
      administrator_mail none load_report_time 00:00:03 max_unheard "00:00:$node_timeout" > "$made/configuration"
  $programs/spoolinit classic libspoolc "$common;$folder/qmaster" init
  $programs/spooldefaults configuration "$made/configuration"
  $programs/spooldefaults complexes /usr/share/gridengine/util/resources/centry
  $programs/spooldefaults usersets /usr/share/gridengine/util/resources/usersets
  $programs/spooldefaults managers root
}

# shellcheck disable=SC2016 # $pe_slots is Grid Engine's own
# What the running controller must be told: resources, the node, and a queue with a parallel environment for threads.
make_queue() {
  qconf -ssconf | with schedule_interval 0:0:1 flush_submit_sec 1 flush_finish_sec 1 job_load_adjustments none > "$made/scheduler"
  qconf -Msconf "$made/scheduler"
  { qconf -sc; echo "ram_free ram_free MEMORY <= YES YES 0 0"; echo "gpu gpu INT <= YES YES 0 0"; } > "$made/complexes"
  qconf -Mc "$made/complexes"
  printf '%s\n' "hostname localhost" "load_scaling NONE" "complex_values ram_free=$memory,gpu=$gpus" "user_lists NONE" \
    "xuser_lists NONE" "projects NONE" "xprojects NONE" "usage_scaling NONE" "report_variables NONE" > "$made/host"
  qconf -Ae "$made/host"
  qconf -as localhost
  printf '%s\n' "pe_name smp" "slots 999" "user_lists NONE" "xuser_lists NONE" "start_proc_args NONE" \
    "stop_proc_args NONE" 'allocation_rule $pe_slots' "control_slaves FALSE" "job_is_first_task TRUE" \
    "urgency_slots min" "accounting_summary FALSE" "qsort_args NONE" > "$made/environment"
  qconf -Ap "$made/environment"
  qconf -sq | with qname all.q hostlist localhost slots "$slots" pe_list smp tmpdir "$folder/tmp" \
    shell /bin/bash load_thresholds NONE > "$made/queue"
  qconf -Aq "$made/queue"
}

up() { timeout 5 qstat -f -q all.q | awk '/^all.q@/ && NF == 5 {found = 1} END {exit !found}'; }

# Behind `&`, since a function behind `||` goes on after an error.
logged() { "$@" >> "$folder/setup.log" 2>&1 & wait $! || fail "$1 failed; $folder/setup.log says why"; }

start() {
  umask 022
  take_turns
  mkdir -p "$folder"
  configured || write_env
  load_env
  resolve_own_name
  if [ ! -s "$common/bootstrap" ]; then make_root; logged make_state; fi
  [ -n "$(processes sge_qmaster "$mark")" ] || daemon sge_qmaster
  wait_for 30 qconf -sh || fail "sge_qmaster does not answer; $folder/qmaster/messages says why"
  qconf -sq all.q > /dev/null 2>&1 || logged make_queue
  [ -n "$(processes sge_execd "$mark")" ] || daemon sge_execd
  # A daemon finds a restarted controller again after half a minute.
  wait_for 60 up || fail "the queue does not come up: $(qstat -f -explain aAcE 2>&1 | tail -n +3 | tr '\n' ' ')"
}

stop() {
  configured || return 0
  load_env
  timeout 10 qdel -f -u '*' > /dev/null 2>&1 || true
  end 5 sge_execd "$mark"
  crash sge_shepherd "$mark"
  end 15 sge_qmaster "$mark"
}

case $action/$victim in
  start/)
    ! command -v debconf-set-selections > /dev/null || # no cluster of Debian's own beside this one
      printf "gridengine-%s shared/gridengineconfig boolean false\n" common client master exec | debconf-set-selections
    install sge_qmaster gridengine-master gridengine-exec gridengine-client bsd-mailx msmtp-mta # no mail server
    start
    ;;
  stop/) stop ;;
  crash/controller) crash sge_qmaster "$mark" ;;
  crash/nodes) crash sge_execd "$mark" ;;
  crash/node)
    crash sge_execd "$mark"
    crash sge_shepherd "$mark"
    crash "" "$mark" QUEUE=all.q # the jobs
    ;;
  *) echo "$help_message" >&2; exit 1 ;;
esac
