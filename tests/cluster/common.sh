# shellcheck shell=bash
# What slurm.sh and gridengine.sh share: why an engine cannot be had, packages, ports, and processes by what marks them.

say() { echo "$0: $*" >&2; }
fail() { say "$*"; exit 1; }
cannot() { say "$*"; exit 77; } # the usual status of a test that cannot be made: no failure, but no pass either

# Installs Debian's packages ($2 ...) unless the program $1 is there. One at a time: two engines may start side by side.
install() {
  local program=$1 output
  shift
  [ "$(id -u)" = 0 ] || cannot "not root: the daemons start jobs, and their packages must be installed"
  ! command -v "$program" > /dev/null || return 0
  command -v apt-get > /dev/null || cannot "no $program, and no apt-get to install $*"
  say "installing $*"
  output=$(
    export DEBIAN_FRONTEND=noninteractive
    get() { flock /var/lib/dpkg apt-get -qq -o DPkg::Lock::Timeout=120 "$@" < /dev/null 2>&1; }
    get install -y --no-install-recommends "$@" || { get update; get install -y --no-install-recommends "$@"; }
  ) || cannot "no $program: apt-get cannot install $* (${output##*$'\n'})"
}

# The first of $2 ports in a row, from $1 on, where nothing listens.
free_ports() {
  local first=$1 port
  for ((port = first; port < first + $2; port++)); do
    if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then first=$((port + 1)); fi
  done
  echo "$first"
}

# One script at a time takes ports and starts daemons: until its end.
take_turns() { exec 9< "${BASH_SOURCE[0]}" && flock 9; }

# Runs a daemon that outlives this script, and keeps nothing of it open. What it prints goes to $folder/daemons.log.
daemon() {
  local status=0
  # shellcheck disable=SC2154 # set by the script that sources this file
  timeout 30 setsid "$@" 9<&- < /dev/null >> "$folder/daemons.log" 2>&1 || status=$?
  [ $status = 0 ] || fail "$1 does not start (exit status $status); $(tail -n 5 "$folder/daemons.log"); /tmp/*messages* may say more"
}

# The host's own name must stand for an address: the daemons look it up.
resolve_own_name() {
  getent ahostsv4 "$(hostname)" > /dev/null || echo "127.0.0.1 $(hostname)" >> /etc/hosts
}

# The processes whose environment holds all of the assignments $2 ..., and which are called $1 (any, if it is empty).
processes() {
  local name=$1 mark pid found=(/proc/[0-9]*/environ)
  shift
  for mark in "$@"; do
    mapfile -t found < <(grep -lszxF -e "$mark" "${found[@]}" /dev/null)
  done
  for pid in "${found[@]}"; do
    pid=${pid//[^0-9]/}
    if [ -z "$name" ] || [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = "$name" ]; then
      grep -qs '^State:[[:space:]]*[ZX]' "/proc/$pid/status" || echo "$pid"
    fi
  done
}

# Kills them all, at once.
crash() {
  local pids
  pids=$(processes "$@")
  # shellcheck disable=SC2086 # numbers are words
  [ -z "$pids" ] || kill -9 $pids 2> /dev/null || true
}

# Asks them to end, and kills them if they have not in $1 seconds.
end() {
  local seconds=$1 tenth pids
  shift
  pids=$(processes "$@")
  # shellcheck disable=SC2086 # numbers are words
  [ -z "$pids" ] || kill $pids 2> /dev/null || true
  for ((tenth = 0; tenth < 10 * seconds; tenth++)); do
    [ -n "$(processes "$@")" ] || return 0
    sleep 0.1
  done
  crash "$@"
}

# Waits until the rest of the line succeeds, for $1 seconds at most.
wait_for() {
  local until=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $until ] || return 1
    sleep 0.2
  done
}
