#!/usr/bin/env bash
# Installs the vnet command, so that its folder can be moved anywhere, or removes it again:
#   PREFIX/bin/vnet              a link to the program
#   PREFIX/lib/vnet/             the program, the libraries it needs, Open MPI and dcm2niix (.deps), the list of what is installed
#   PREFIX/share/                man pages, completions for bash, zsh and fish, documents
#
# Usage: scripts/install.sh install|uninstall
# Environment:
#   PREFIX   where; default /usr/local
#   DESTDIR  put before PREFIX while a package is made
#   VNET     the program; default .build/release/vnet
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly prefix="${PREFIX:-/usr/local}"
readonly program="${VNET:-.build/release/vnet}"
[[ "$prefix" == /* ]] || {
  echo "install: PREFIX=$prefix is relative; give an absolute folder" >&2
  exit 1
}
readonly root="${DESTDIR:-}${prefix%/}"
readonly home="$root/lib/vnet"
readonly list="$home/installed"

fail() {
  printf 'install: %s\n' "$*" >&2
  exit 1
}

# put MODE SOURCE TARGET: copies a file into the installation and lists it.
put() {
  local target="$root/$3"
  [[ ! -d "$target" ]] || fail "$target is a folder; remove it"
  install -D -m "$1" "$2" "$target" || fail "$target cannot be written; choose another PREFIX, or become root"
  listed+=("$3")
}

# put_link TARGET NAME: makes a relative link.
put_link() {
  mkdir -p "$(dirname "$root/$2")"
  ln -sfn "$1" "$root/$2"
  listed+=("$2")
}

# Puts the libraries of Swift that the program needs beside it; the others are the system's, also where Swift is in /usr.
put_swift_libraries() {
  local toolchain library
  toolchain="$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")"
  while read -r library; do
    [[ "$(readlink -f "$library")" == "$toolchain"/lib/swift/* ]] || continue
    put 644 "$library" "lib/vnet/$(basename "$library")"
  done < <(ldd "$program" | sed -n 's/.*=> \(\/.*\) (0x.*/\1/p')
}

# Open MPI and dcm2niix where the set-up put them, beside the program.
put_dependencies() {
  [[ -d .deps ]] || return 0
  local file
  while read -r file; do
    if [[ -L ".deps/$file" ]]; then
      put_link "$(readlink ".deps/$file")" "lib/vnet/.deps/$file"
    else
      put "$(if [[ -x ".deps/$file" ]]; then echo 755; else echo 644; fi)" ".deps/$file" "lib/vnet/.deps/$file"
    fi
  done < <(cd .deps && find . ! -type d -printf '%P\n' | sort)
  for file in libmpi.so.40 libopen-pal.so.80; do
    [[ ! -e ".deps/lib/$file" ]] || put_link ".deps/lib/$file" "lib/vnet/$file"
  done
}

put_documents() {
  local file shell
  made="$(mktemp -d)"
  trap 'rm -rf "$made"' EXIT
  "$home/vnet" --experimental-dump-help | python3 scripts/man_pages.py "$made"
  for file in "$made"/*.1; do put 644 "$file" "share/man/man1/$(basename "$file")"; done
  for shell in bash zsh fish; do "$home/vnet" --generate-completion-script "$shell" >"$made/$shell"; done
  put 644 "$made/bash" share/bash-completion/completions/vnet
  put 644 "$made/zsh" share/zsh/site-functions/_vnet
  put 644 "$made/fish" share/fish/vendor_completions.d/vnet.fish
  for file in LICENSE README.md CHANGELOG.md docs/*.md examples/onnx_predict.py; do put 644 "$file" "share/doc/vnet/$file"; done
}

install_all() {
  [[ -x "$program" ]] || fail "$program is not built; run 'make build'"
  # What an earlier version left and this one lacks would stay for ever.
  [[ ! -f "$list" ]] || uninstall_all
  listed=()
  put 755 "$program" lib/vnet/vnet
  python3 scripts/set_run_path.py "$home/vnet" '$ORIGIN'
  put_swift_libraries
  put_dependencies
  put_link ../lib/vnet/vnet bin/vnet
  put_documents
  printf '%s\n' "${listed[@]}" lib/vnet/installed >"$list"
  echo "installed $("$home/vnet" --version) into $root: ${#listed[@]} files; $prefix/bin is to be on the PATH"
}

uninstall_all() {
  [[ -f "$list" ]] || fail "$list is not there: nothing is installed in $root"
  local file folder
  while read -r file; do
    [[ "$file" != /* && "$file" != *..* ]] || fail "$list names $file; this is no list of make install"
    rm -f "$root/$file"
  done < <(cat "$list")
  # Folders that are empty now, but not PREFIX itself.
  for folder in "$home" "$root"/{bin,lib,share/{man,bash-completion,zsh,fish,doc/vnet}}; do
    [[ ! -d "$folder" ]] || find "$folder" -depth -type d -empty -delete
  done
  for folder in "$root"/{share/doc,share}; do rmdir "$folder" 2>/dev/null || true; done
}

case "${1:-}" in
install) install_all ;;
uninstall)
  uninstall_all
  echo "removed vnet from $root"
  ;;
*) fail "say install or uninstall" ;;
esac
