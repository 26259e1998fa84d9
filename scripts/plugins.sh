#!/usr/bin/env bash
# Fetches PJRT plugins into .plugins/: XLA's for the CPU, and with an argument also the one for NVIDIA GPUs. The
# program finds them there. A second run does nothing and needs no network.
#
# Usage: scripts/plugins.sh [cuda13 | cuda13-compiler]
#   cuda13           the CUDA plugin and all that its programs need on a GPU (about 3 GB unpacked)
#   cuda13-compiler  the CUDA plugin and what it compiles with: enough to compile for GPUs without one
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly CPU=scripts/requirements-plugins-cpu.txt
readonly CUDA=scripts/requirements-plugins-cuda13.txt
readonly STAMP=.plugins/stamp

say() { printf 'plugins: %s\n' "$*"; }
fail() {
  printf 'plugins: %s\n' "$*" >&2
  exit 1
}

# Prints the pins of what was asked for, or of what is there if that is more.
pins() {
  cat "$CPU"
  case "$1" in
  cuda13) cat "$CUDA" ;;
  cuda13-compiler) sed '/^# What its programs call/,$d' "$CUDA" ;;
  esac
}

choice="${1:-}"
case "$choice" in
"" | cuda13 | cuda13-compiler) ;;
*) fail "$choice is not known; give cuda13, cuda13-compiler or nothing" ;;
esac
[[ "$(uname -s)-$(uname -m)" == Linux-x86_64 ]] ||
  fail "the pinned plugins are for Linux x86-64; give another plugin with --plugin"
for present in "$choice" cuda13 cuda13-compiler; do
  # More than was asked for will do, but not less.
  [[ "$choice" == cuda13 && "$present" != cuda13 ]] && continue
  [[ -f "$STAMP" ]] && pins "$present" | cmp -s - "$STAMP" && exit 0
done

staging="$(mktemp -d .plugins.tmp.XXXXXX)"
trap 'rm -rf "$staging"' EXIT
say "fetching ${choice:-the CPU plugin}"
pins "$choice" >"$staging/pins"
python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --no-compile \
  --require-hashes -r "$staging/pins" --target "$staging/plugins" ||
  fail "the download failed; check the network and the free space here, and run this again"
mv "$staging/pins" "$staging/plugins/stamp"
if [[ -e .plugins ]]; then mv -T .plugins "$staging/old"; fi
mv -T "$staging/plugins" .plugins
say "the plugins are in .plugins/; 'vnet devices' lists them"
