#!/usr/bin/env bash
# Runs `swift test` and shows what failed, what was skipped and why, and the closing line; everything lies in .build/test.log.
#
# Usage: scripts/run_tests.sh [options of swift test]
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly log=.build/test.log
mkdir -p .build

swift test "$@" >"$log" 2>&1 &
readonly tests=$!
trap 'kill "$tests" 2>/dev/null' INT TERM
# Lines of Swift Testing begin with a sign: a cross for failures, an arrow for what was skipped.
tail -f -n +1 --pid="$tests" "$log" |
  grep --line-buffered -E '^(✘|➜|↳|⚠)|Test run with|error:|warning:|Fatal error|Build complete'
wait "$tests"
status=$?
echo "everything that the tests printed: $PWD/$log"
exit "$status"
