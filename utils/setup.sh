#!/usr/bin/env bash
# Chooses the Python of the recipe; path.sh then puts it first in PATH. In this order:
#   1. CER_PYTHON, if set;  2. an active environment (venv, conda) that has the packages;
#   3. the choice of an earlier call;  4. .venv, created here with the versions that pyproject.toml pins.
# Installed packages are not installed again. uv installs where there is one, otherwise pip.

help_message="Usage: utils/setup.sh [GROUP ...]
e.g.: utils/setup.sh test     # also installs what tests/run.sh needs
      CER_PYTHON=/opt/python/bin/python3 utils/setup.sh
      CER_TORCH=cpu utils/setup.sh # PyTorch's build without CUDA: a tenth of the size, and no graphics cards"
case ${1-} in -h | --help) echo "$help_message"; exit 0 ;; esac

set -euo pipefail
unset PYTHONHOME # of another Python, with which ours do not run: .venv would be made anew, and .python forgotten
top=$(dirname "$0")/..
CDPATH='' cd "$top"
[ -f pyproject.toml ] || { CDPATH='' cd "$OLDPWD" && CDPATH='' cd -P "$top"; } # utils is a link into another recipe
case ${CER_TORCH-} in '' | cpu) ;; *) echo "$0: CER_TORCH: found '$CER_TORCH', expected cpu or nothing" >&2; exit 1 ;; esac

# Prints the state of each package of pyproject.toml's groups in the Python "$1": pinned, another (version) or missing.
packages() {
  "$1" - "${@:2}" <<'PYTHON'
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C leaves no traceback
if sys.version_info < (3, 11):
    sys.exit(f"found Python {sys.version.split()[0]}, expected 3.11 or newer")
import importlib.metadata, tomllib
groups = tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]
if unknown := set(sys.argv[1:]) - set(groups):
    sys.exit(f"found the group {min(unknown)}, expected some of {', '.join(sorted(groups))}")
for package in [package for group in ("recipe", *sys.argv[1:]) for package in groups[group]]:
    name, _, pin = package.partition("==")
    try:
        version = importlib.metadata.version(name).partition("+")[0]  # 2.13.0+cpu is a build of 2.13.0
        print("pinned" if version == pin else "another", package)
    except importlib.metadata.PackageNotFoundError:
        print("missing", package)
PYTHON
}

# Installs with the arguments "$@". Both programs show bars on a terminal, and lines elsewhere.
install() {
  if command -v uv > /dev/null; then
    uv pip install --python .venv/bin/python3 "$@"
  else
    .venv/bin/python3 -m pip install --disable-pip-version-check "$@"
  fi
}

# Says every 10 s how much there is in .venv, as pip says nothing while it unpacks; until standard input ends.
tell_progress() {
  local clear=
  if [ -t 2 ]; then clear=$'\r\e[K'; fi # of pip's bar, which pip then draws again
  while read -r -t 10 || [ $? -gt 128 ]; do
    echo "$clear$0: $(du -sm .venv 2> /dev/null | cut -f 1) MB in .venv after $SECONDS s"
  done
}

# Makes the user's Python "$1" the recipe's, by a wrapper script: with a symbolic link, Python would not find its venv.
adopt() {
  mkdir -p .python
  printf '#!/bin/sh\nexec "%s" "$@"\n' "$(command -v "$1")" > .python/python3.$$
  chmod +x .python/python3.$$
  mv .python/python3.$$ .python/python3
}

if [ -n "${CER_PYTHON-}" ]; then
  command -v "$CER_PYTHON" > /dev/null || { echo "$0: CER_PYTHON=$CER_PYTHON cannot be used: there is no such program" >&2; exit 1; }
  wanted=$(packages "$CER_PYTHON" "$@") || { echo "$0: CER_PYTHON=$CER_PYTHON cannot be used" >&2; exit 1; }
  missing=$(sed -n 's/^missing //p' <<< "$wanted")
  if [ -n "$missing" ]; then
    # shellcheck disable=SC2086 # packages are words
    echo "$0: CER_PYTHON=$CER_PYTHON lacks packages; install them: $CER_PYTHON -m pip install" $missing >&2
    exit 1
  fi
  adopt "$CER_PYTHON"
  exit 0
fi

environment=${VIRTUAL_ENV:-${CONDA_PREFIX-}}
if [ -n "$environment" ] && [ "$environment" != "$PWD/.venv" ] && [ -x "$environment/bin/python3" ]; then
  if wanted=$(packages "$environment/bin/python3" "$@") && ! grep -q ^missing <<< "$wanted"; then
    adopt "$environment/bin/python3"
    exit 0
  fi
  echo "$0: the active environment $environment lacks packages of pyproject.toml; using .venv instead" >&2
fi

if [ -x .python/python3 ] && wanted=$(packages .python/python3 "$@" 2> /dev/null) && ! grep -q ^missing <<< "$wanted"; then
  exit 0 # chosen by an earlier call; to create .venv instead: rm -r .python
fi
if [ -x .python/python3 ] && ! .python/python3 -c '' 2> /dev/null; then # perhaps its disk is away for now
  echo "$0: the Python of an earlier call does not run: $(sed -n 's/^exec "\(.*\)" "$@"$/\1/p' .python/python3); mend it, or to make .venv: rm -r .python" >&2
  exit 1
fi
rm -rf .python
if wanted=$(packages .venv/bin/python3 "$@" 2> /dev/null) && ! grep -qv ^pinned <<< "$wanted"; then
  exit 0
fi
exec {lock}>> .venv.lock # another call, from run.sh or tests/run.sh, may be creating it
for python in python3 python3.13 python3.12 python3.11; do
  "$python" - "$lock" "$0" 2> /dev/null <<'PYTHON' && break
import fcntl, sys
lock = int(sys.argv[1])
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print(f"{sys.argv[2]}: waiting for another call, which installs packages", flush=True)
    fcntl.flock(lock, fcntl.LOCK_EX)
PYTHON
done
if ! .venv/bin/python3 -c '' 2> /dev/null; then
  for python in python3 python3.13 python3.12 python3.11 none; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && break
  done
  if [ "$python" = none ]; then
    echo "$0: found no Python 3.11 or newer; install one, or name one: CER_PYTHON=/path/to/python3 ./run.sh" >&2
    exit 1
  fi
  if [ -L .venv ]; then
    echo "$0: found .venv, a link to $(readlink .venv), whose Python does not run; remove the link, or mend what it points to" >&2
    exit 1
  fi
  echo "$0: making .venv with $($python --version), once"
  $python -m venv --clear .venv
fi
wanted=$(packages .venv/bin/python3 "$@")
if grep -qv ^pinned <<< "$wanted"; then
  wanted=$(cut -d ' ' -f 2 <<< "$wanted")
  # shellcheck disable=SC2086 # packages are words
  echo "$0: installing into .venv, once:" $wanted
  torch=$(grep ^torch= <<< "$wanted") || true
  mkdir -p .venv/tmp # pip unpacks there: /tmp may be too small
  export TMPDIR=$PWD/.venv/tmp
  exec {beat}> >(tell_progress >&2)
  if [ -n "$torch" ] && [ "${CER_TORCH-}" = cpu ]; then
    echo "$0: $torch without CUDA: 0.2 GB to download"
    install --index-url https://download.pytorch.org/whl/cpu "$torch"
  elif [ -n "$torch" ] && [ "$(uname)" = Linux ]; then
    echo "$0: $torch with CUDA: 3 GB to download, 4 to 5 GB on disk; to go without graphics cards: CER_TORCH=cpu $0"
  fi
  # shellcheck disable=SC2086 # packages are words
  install $wanted
  exec {beat}>&-
  rm -rf .venv/tmp
  echo "$0: installed $(du -sm .venv | cut -f 1) MB in $SECONDS s"
fi
