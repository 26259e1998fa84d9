#!/usr/bin/env bash
# Prints the version of what is built here, by Semantic Versioning:
#   0.2.0                  at the tag 0.2.0 or v0.2.0
#   0.2.0+5.g75cdd7d       five commits after it
#   0.2.0+5.g75cdd7d.dirty with changes that are not committed
#   0.1.0+g75cdd7d         before any tag: the release that Package.swift names, and the commit
# Of an archive that git made it tells the same; of any other copy without git, the release.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
release="$(sed -n 's/^let release = "\(.*\)"$/\1/p' Package.swift)"
readonly release

# "0.2.0-5-g75cdd7d-dirty", or "75cdd7d-dirty" before any tag.
described() {
  if [[ "$(git rev-parse --show-toplevel 2>/dev/null)" == "$(pwd -P)" ]]; then
    git describe --tags --match '[0-9]*' --match 'v[0-9]*' --always --dirty --abbrev=7 2>/dev/null
  elif ! grep -q 'Format:' scripts/archived_version.txt; then
    # Filled in by git archive: the description, empty before any tag, and the commit.
    grep -m 1 . scripts/archived_version.txt
  fi
}

description="$(described || true)"
dirty=
if [[ "$description" == *-dirty ]]; then
  dirty=dirty
  description="${description%-dirty}"
fi
description="${description#v}"
if [[ -z "$description" ]]; then
  base="$release" rest=
elif [[ "$description" =~ ^(.+)-([0-9]+)-(g[0-9a-f]+)$ ]]; then
  base="${BASH_REMATCH[1]}" rest="${BASH_REMATCH[2]}.${BASH_REMATCH[3]}"
elif [[ "$description" =~ ^[0-9a-f]+$ ]]; then
  base="$release" rest="g$description"
else
  base="$description" rest=
  [[ "$base" == "$release" ]] ||
    echo "version: the tag says $base, and Package.swift $release, which packages that depend on this one will show" >&2
fi
rest="$rest${rest:+${dirty:+.}}$dirty"
echo "$base${rest:++}$rest"
