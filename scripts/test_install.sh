#!/usr/bin/env bash
# Checks make install, make uninstall and make package: an installation that is moved elsewhere runs with nothing of this machine's
# environment, man pages and completions are there and well formed, nothing but foreign files is left by uninstalling, and a
# package is made twice alike.
#
# Usage: scripts/test_install.sh
# Environment:
#   VNET  the program; default .build/release/vnet
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
work="$(mktemp -d)"
readonly work
trap 'rm -rf "$work"' EXIT

fail() {
  echo "test_install: $*" >&2
  exit 1
}
alone() { env -i HOME="$work" PATH=/usr/bin:/bin "$@"; }

version="$("${VNET:-.build/release/vnet}" --version)"
PREFIX="$work/prefix" scripts/install.sh install
mv "$work/prefix" "$work/moved"
vnet="$work/moved/bin/vnet"
[[ "$(alone "$vnet" --version)" == "$version" ]] || fail "the moved program tells another version"
foreign="$(alone LD_DEBUG=libs "$vnet" --version 2>&1 | sed -n 's/.*calling init: //p' | grep -v "^$work/" | grep -v '^/lib' || true)"
[[ -z "$foreign" ]] || fail "the moved program opens $foreign"
own="$(find "$work/moved/lib/vnet" -maxdepth 1 \( -name 'libc.so*' -o -name 'libm.so*' -o -name 'libstdc++*' -o -name 'libgcc_s*' \) -printf '%f ')"
[[ -z "$own" ]] || fail "the installation holds libraries of this system: $own"
alone "$vnet" phantom --output "$work/data" --cases 4 --seed 1 --quiet
alone "$vnet" train --data-dir "$work/data" --model-dir "$work/model" --filters 4 --input-shape 16 16 16 --epochs 1 --quiet
alone "$vnet" predict --model-dir "$work/model" --input "$work/data" --output "$work/masks" --quiet

# Away from the sources, whose example comes first.
(cd "$work" && alone "$vnet" export --model-dir model --output model.onnx) | grep -q "$work/moved/share/doc/vnet/examples/onnx_predict.py" ||
  fail "export does not name the example that is installed"

for command in "" $(alone "$vnet" --help | sed -n '/^SUBCOMMANDS/,$s/^  \([a-z]\+\)  .*/-\1/p'); do
  page="$work/moved/share/man/man1/vnet$command.1"
  [[ -f "$page" ]] || fail "there is no man page of vnet$command"
  if command -v groff >/dev/null; then
    warnings="$(groff -man -ww -Tutf8 "$page" 2>&1 >/dev/null)"
    [[ -z "$warnings" ]] || fail "$page: $warnings"
  fi
done
bash -n "$work/moved/share/bash-completion/completions/vnet"
for shell in zsh fish; do
  if command -v "$shell" >/dev/null; then
    find "$work/moved/share" \( -name _vnet -o -name vnet.fish \) -path "*$shell*" -exec "$shell" -n {} \;
  fi
done

touch "$work/moved/share/man/man1/other.1"
PREFIX="$work/moved" scripts/install.sh uninstall
left="$(cd "$work/moved" && find . ! -type d)"
[[ "$left" == ./share/man/man1/other.1 ]] || fail "uninstalling left $left"

scripts/package.sh "$work/first" >/dev/null
scripts/package.sh "$work/second" >/dev/null
cmp "$work/first"/*.tar.gz "$work/second"/*.tar.gz || fail "a package made twice is not the same"
echo "install, uninstall, package: all as expected"
