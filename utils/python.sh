#!/usr/bin/env bash
# Runs the recipe's Python from any folder and in any environment. Jobs of another recipe need it, because they source
# that recipe's path.sh and not ours.

case ${1-} in -h | --help) echo "Usage: $0 [arguments of python3]
e.g.: $0 -m cer.bin.train --arch downup --help"; exit 0 ;; esac
. "$(dirname "$0")/../path.sh"
exec python3 "$@"
