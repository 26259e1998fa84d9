#!/usr/bin/env bash
# Runs `swift test` and shows what failed, what was skipped and why, and the closing line; everything lies in .build/test.log.
#
# Usage: scripts/run_tests.sh [options of swift test]
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly log=.build/test.log
mkdir -p .build

# Lines of Swift Testing begin with a sign: a cross for failures, an arrow for what was skipped.
swift test "$@" 2>&1 | tee "$log" |
  grep --line-buffered -E '^(✘|➜|↳|⚠)|Test run with|error:|warning:|Fatal error|Build complete'
status=${PIPESTATUS[0]}
echo "everything that the tests printed: $PWD/$log"
exit "$status"
