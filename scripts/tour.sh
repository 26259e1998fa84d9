#!/usr/bin/env bash
# Runs every command of docs/TOUR.md, one after the other, in the folder tour/, which it starts afresh.
#
# Environment:
#   VNET  the vnet command; default .build/release/vnet
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly program="$(realpath "${VNET:-.build/release/vnet}")"
readonly tour="$PWD/docs/TOUR.md"
[[ -x "$program" ]] || {
  echo "tour: $program is not built; run 'make build'" >&2
  exit 1
}

rm -rf tour
mkdir tour
cd tour
sed -n '/^```sh$/,/^```$/p' "$tour" | grep -v '^```' | while read -r name arguments; do
  [[ "$name" == vnet ]] || {
    echo "tour: '$name $arguments' is no command of vnet" >&2
    exit 1
  }
  printf '\n\033[1m$ vnet %s\033[0m\n' "$arguments"
  # The commands of the tour quote nothing.
  # shellcheck disable=SC2086
  "$program" $arguments </dev/null
done
