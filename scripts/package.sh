#!/usr/bin/env bash
# Makes vnet-VERSION-linux-MACHINE.tar.gz, which unpacked anywhere runs on Debian 12 or later with what every system has (C and
# C++ libraries, zlib). The same program gives the same bytes.
#
# Usage: scripts/package.sh [FOLDER]   where the archive goes; default .build/package
# Environment:
#   VNET  the program; default .build/release/vnet
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
version="$("${VNET:-.build/release/vnet}" --version)"
name="vnet-$version-linux-$(uname -m)"
readonly version name
readonly folder="${1:-.build/package}"

staging="$(mktemp -d)"
trap 'rm -rf "$staging"' EXIT
DESTDIR="$staging/" PREFIX="/$name" scripts/install.sh install >/dev/null
# Unpacked, it is removed with its folder.
rm "$staging/$name/lib/vnet/installed"
# Of the last commit, where there is one.
date="$(git log -1 --format=%cI 2>/dev/null || echo 2000-01-01)"
mkdir -p "$folder"
tar --create --directory "$staging" --sort=name --owner=0 --group=0 --numeric-owner --mode=go-w --mtime="$date" "$name" |
  gzip -n >"$folder/$name.tar.gz"
(cd "$folder" && sha256sum "$name.tar.gz" | tee "$name.tar.gz.sha256")
echo "$folder/$name.tar.gz: $(stat -c %s "$folder/$name.tar.gz") bytes"
