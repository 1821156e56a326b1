#!/usr/bin/env bash
# A real Slurm on this machine alone, for tests: nodes on the loopback, no system service, everything in one folder.

# Begin configuration section.
nodes=2                    # nodes n1, n2, ...
cpus=2                     # processors of a node
memory=4000                # MB of a node
gpus=0                     # GPUs of a node: made up, only their numbers are handed out
port=6817                  # first port to try
node_timeout=10            # seconds until a silent node is lost
min_job_age=300            # seconds that finished jobs stay in squeue's list: Slurm's default
# End configuration section.

help_message="Usage: $0 [options] start|stop <folder>
       $0 crash <folder> controller|nodes|node <name>
e.g.: $0 --nodes 2 --gpus 1 start /tmp/slurm; set -a; . /tmp/slurm/env; sinfo; $0 stop /tmp/slurm
Installs Debian's packages if they are missing. start may be called again: it starts what does not run.
crash kills daemons as a power cut does: slurmctld; every slurmd, but not the jobs; or a node with its jobs.
Exit status: 0 done, 1 it does not work, 77 Slurm cannot be had here."
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
. "$here/../../utils/parse_options.sh"
. "$here/common.sh"
if [ $# -lt 2 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

action=$1 folder=$(realpath -m "$2") victim=${3-} node=${4-}
export SLURM_CONF=$folder/slurm.conf
configured() { [ -s "$folder/env" ]; }
# The cluster's name marks the daemons as Slurm marks the jobs with it.
# shellcheck source=/dev/null
if configured; then . "$folder/env"; else SLURM_CLUSTER_NAME=cer$$; fi
export SLURM_CLUSTER_NAME
cluster=SLURM_CLUSTER_NAME=$SLURM_CLUSTER_NAME

# Slurm 22.05 loads a control-group plugin even when nothing uses it; version 1 by name touches nothing.
write_cgroup_conf() {
  printf '%s\n' CgroupPlugin=cgroup/v1 CgroupAutomount=no "CgroupMountpoint=$folder/no-cgroup" > "$folder/cgroup.conf"
}

write_gres_conf() {
  local n
  : > "$folder/gres.conf"
  for ((n = 0; n < gpus; n++)); do
    [ -e "$folder/gpu$n" ] || mknod "$folder/gpu$n" c 1 3 # /dev/null under another name
    echo "Name=gpu File=$folder/gpu$n" >> "$folder/gres.conf"
  done
}

# No control groups and no accounting database: containers have neither.
write_slurm_conf() {
  local address n
  address=$(getent ahostsv4 "$(hostname -s)" | awk '{print $1; exit}')
  cat > "$SLURM_CONF" << CONF
ClusterName=$SLURM_CLUSTER_NAME
SlurmctldHost=$(hostname -s)($address)
SlurmctldPort=$port
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
MpiDefault=none
PropagateResourceLimits=NONE
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
ReturnToService=2
SlurmdTimeout=$node_timeout
KillWait=2
MinJobAge=$min_job_age
DefMemPerCPU=$((memory / cpus))
GresTypes=gpu
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE OverSubscribe=NO
CONF
  # Where the name stands for another address than this one, a step's answers would be lost.
  [ "$address" != 127.0.0.1 ] || echo CommunicationParameters=NoCtldInAddrAny,NoInAddrAny >> "$SLURM_CONF"
  for ((n = 1; n <= nodes; n++)); do
    echo "NodeName=n$n NodeHostname=$(hostname -s) NodeAddr=$address Port=$((port + n)) CPUs=$cpus RealMemory=$memory" \
      "$([ "$gpus" = 0 ] || echo "Gres=gpu:$gpus")" >> "$SLURM_CONF"
  done
}

configure() {
  mkdir -p "$folder"/{state,spool}
  chmod 755 "$folder" # munged insists that everybody may reach its socket
  port=$(free_ports "$port" $((nodes + 1)))
  (umask 077 && head -c 64 /dev/urandom > "$folder/munge.key")
  resolve_own_name
  write_cgroup_conf
  write_gres_conf
  write_slurm_conf
  printf '%s\n' "SLURM_CONF=$SLURM_CONF" "SLURM_CLUSTER_NAME=$SLURM_CLUSTER_NAME" "nodes=$nodes" > "$folder/env"
}

up() { [ "$(timeout 5 sinfo -h -N -o %T | grep -cxE 'idle|mixed|allocated')" = "$nodes" ]; }

start() {
  local n
  umask 022
  take_turns
  configured || configure
  # shellcheck source=/dev/null
  . "$folder/env"
  [ -n "$(processes munged "$cluster")" ] || daemon munged --force --key-file="$folder/munge.key" \
    --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" \
    --seed-file="$folder/munge.seed"
  [ -n "$(processes slurmctld "$cluster")" ] || daemon slurmctld
  for ((n = 1; n <= nodes; n++)); do
    mkdir -p "$folder/spool/n$n"
    [ -n "$(processes slurmd "$cluster" SLURMD_NODENAME=n$n)" ] || SLURMD_NODENAME=n$n daemon slurmd -N n$n
  done
  wait_for 15 up || timeout 5 scontrol update NodeName=ALL State=RESUME || true
  wait_for 30 up || fail "the nodes do not come up: $(timeout 5 sinfo -h -N -o '%N %T' 2>&1 | tr '\n' ' '); $folder/*.log say why"
}

stop() {
  configured || return 0
  timeout 10 scancel --full --user="$(id -un)" 2> /dev/null || true
  for program in slurmd slurmctld munged; do end 5 $program "$cluster"; done
  crash slurmstepd SLURM_CONF="$SLURM_CONF"
  crash "" "$cluster" SLURM_CONF="$SLURM_CONF" # the jobs
}

# A step's daemon, which knows the configuration only, goes before its job, so that it cannot report the job's end.
crash_node() {
  local pids parents steps
  pids=$(processes "" "$cluster" SLURMD_NODENAME="$1")
  parents=$(for pid in $pids; do awk '/^PPid:/ {print $2}' "/proc/$pid/status" 2> /dev/null || true; done)
  steps=$(processes slurmstepd SLURM_CONF="$SLURM_CONF" | grep -xF "$parents" || true)
  # shellcheck disable=SC2086 # numbers are words
  [ -z "$steps$pids" ] || kill -9 $steps $pids 2> /dev/null || true
}

case $action/$victim in
  start/) install slurmctld slurm-wlm munge; start ;;
  stop/) stop ;;
  crash/controller) crash slurmctld "$cluster" ;;
  crash/nodes) crash slurmd "$cluster" ;;
  crash/node) crash_node "$node" ;;
  *) echo "$help_message" >&2; exit 1 ;;
esac
