#!/usr/bin/env bash
# Checks what scripts/version.sh prints in small repositories: before a tag, at one, behind one, in an archive, and without git.
#
# Usage: scripts/test_version.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
copy="$(mktemp -d)"
readonly copy
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/repository/scripts"
cp .gitattributes "$copy/repository"
cp scripts/version.sh scripts/archived_version.txt "$copy/repository/scripts"
cd "$copy/repository"
echo 'let release = "0.2.0"' >Package.swift

expect() {
  local found
  found="$("$1/scripts/version.sh" 2>/dev/null)"
  # The commits' names are not known beforehand.
  [[ "$found" =~ ^$2$ ]] || {
    echo "test_version: $3: $found, not $2" >&2
    exit 1
  }
}
archive() {
  rm -rf "$copy/archive"
  mkdir "$copy/archive"
  git archive HEAD | tar -xC "$copy/archive"
}
as_somebody() { git -c user.name=somebody -c user.email=some@body "$@"; }

expect . '0\.2\.0' 'without git'
git init -q
git add .
as_somebody commit -qm 'Begin'
expect . '0\.2\.0\+g[0-9a-f]{7}' 'before any tag'
archive
expect "$copy/archive" '0\.2\.0\+g[0-9a-f]{7}' 'an archive before any tag'
git tag v0.2.0
expect . '0\.2\.0' 'at a tag'
archive
expect "$copy/archive" '0\.2\.0' 'an archive of a tag'
as_somebody commit -q --allow-empty -m 'Go on'
expect . '0\.2\.0\+1\.g[0-9a-f]{7}' 'behind a tag'
archive
expect "$copy/archive" '0\.2\.0\+1\.g[0-9a-f]{7}' 'an archive behind a tag'
echo >>Package.swift
expect . '0\.2\.0\+1\.g[0-9a-f]{7}\.dirty' 'with changes'
# A copy in another repository is not that repository.
rm -rf .git
git init -q "$copy"
expect . '0\.2\.0' 'within another repository'
echo 'version.sh: all as expected'
