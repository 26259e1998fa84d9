#!/usr/bin/env bash
# Builds with `swift build` and fails where the compiler warned about the project's own files. Only files
# compiled by this run can warn: after `make clean` that is all of them.
#
# Usage: scripts/build_without_warnings.sh [options of swift build]
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
swift build "$@" 2>&1 | tee "$log"
if grep -E "^$PWD/(Sources|Tests)/.*: warning:" "$log" >/dev/null; then
  echo "check: the compiler warned; see above" >&2
  exit 1
fi
