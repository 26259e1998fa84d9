#!/usr/bin/env bash
# Makes Python environments with the peers that `make bench` compares with, in .bench/. A second run does nothing.
#
# Usage: scripts/bench_environment.sh [pytorch] [tensorflow] [openvino] [nnunet]
# Without a name all but nnunet.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  printf 'bench: %s\n' "$*" >&2
  exit 1
}

make_environment() {
  local name="$1" pins="Benchmarks/requirements-$1.txt" folder=".bench/$1"
  cmp -s "$pins" "$folder/stamp" && return 0
  printf 'bench: fetching %s\n' "$(tr '\n' ' ' <"$pins")"
  rm -rf "$folder"
  python3 -m venv "$folder" || fail "python3 cannot make a virtual environment; install python3-venv"
  "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$pins" ||
    fail "the download failed; check the network and run this again"
  cp "$pins" "$folder/stamp"
}

(($# > 0)) || set -- pytorch tensorflow openvino
for name in "$@"; do make_environment "$name"; done
