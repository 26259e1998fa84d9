#!/usr/bin/env bash
# Makes the machine ready to build: checks Swift, installs (as root) or names the missing system packages,
# and fetches the pinned third-party libraries into .deps/. A second run does nothing and needs no network.
#
# Usage: scripts/setup.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly PINS=scripts/requirements-deps.txt
readonly UNPACKER=scripts/unpack_wheels.py
readonly STAMP=.deps/stamp

say() { printf 'setup: %s\n' "$*"; }
fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

check_swift_is_there() {
  command -v swift >/dev/null ||
    fail "swift is not on the PATH; install Swift 6.1 or later from https://www.swift.org/install"
}

check_swift_version() {
  local version
  version="$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)"
  local major="${version%%.*}" rest="${version#*.}"
  local minor="${rest%%.*}"
  [[ "$major" =~ ^[0-9]+$ && "$minor" =~ ^[0-9]+$ ]] ||
    fail "cannot read the version that 'swift --version' prints; install Swift 6.1 or later"
  ((major > 6 || (major == 6 && minor >= 1))) ||
    fail "Swift $version is too old; install Swift 6.1 or later from https://www.swift.org/install"
}

# The C compiler that comes with Swift links every program; it needs the system's C and C++ libraries.
clang_beside_swift() {
  local folder
  folder="$(dirname "$(readlink -f "$(command -v swift)")")"
  if [[ -x "$folder/clang" ]]; then echo "$folder/clang"; else command -v clang || true; fi
}

# Swift's own programs are linked with these libraries; it does not start without them.
swift_starts() { swift --version >/dev/null 2>&1 && swift build --version >/dev/null 2>&1; }
has_header() { [[ -n "$1" ]] && printf '#include <%s>\n' "$2" | "$1" -E -x c - >/dev/null 2>&1; }
has_library() { [[ -n "$1" ]] && [[ "$("$1" -print-file-name="$2")" == /* ]]; }
is_fetched() { [[ -f "$STAMP" ]] && cat "$PINS" "$UNPACKER" | cmp -s - "$STAMP"; }
is_bundled() { [[ "$(uname -s)-$(uname -m)" == Linux-x86_64 ]]; }

# Prints the Debian packages whose contents this machine lacks, one a line.
missing_packages() {
  local clang
  clang="$(clang_beside_swift)"
  swift_starts || printf '%s\n' libcurl4 libncurses6 libsqlite3-0 libxml2
  command -v git >/dev/null || echo git
  has_header "$clang" stdio.h || echo libc6-dev
  has_library "$clang" libstdc++.so || echo g++
  has_header "$clang" zlib.h || echo zlib1g-dev
  is_bundled || return 0
  is_fetched && return 0
  [[ -e /etc/ssl/certs/ca-certificates.crt || ! -e /etc/debian_version ]] || echo ca-certificates
  if ! command -v python3 >/dev/null; then
    printf 'python3\npython3-pip\n'
  elif ! python3 -m pip --version >/dev/null 2>&1; then
    echo python3-pip
  fi
}

install_packages() {
  local -a missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} > 0)) || return 0
  if ((EUID == 0)) && command -v apt-get >/dev/null; then
    say "installing ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]} == 0)) ||
      fail "still missing after installation: ${missing[*]}; check 'which -a python3 swift'"
  else
    fail "missing system packages (Debian names): ${missing[*]};" \
      "install them, e.g. sudo apt-get install -y ${missing[*]}, and run this again"
  fi
}

fetch_libraries() {
  if is_fetched; then
    say "the libraries in .deps/ are up to date"
    return 0
  fi
  staging="$(mktemp -d .deps.tmp.XXXXXX)"
  trap 'rm -rf "$staging"' EXIT
  say "fetching Open MPI and dcm2niix (about 9 MB)"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --require-hashes -r "$PINS" -d "$staging/wheels" ||
    fail "the download failed; check the network and that the pins in $PINS are right, and run this again"
  python3 "$UNPACKER" "$staging/wheels" "$staging/deps"
  cat "$PINS" "$UNPACKER" >"$staging/deps/stamp"
  if [[ -e .deps || -L .deps ]]; then mv -T .deps "$staging/old"; fi
  mv -T "$staging/deps" .deps
  say "the libraries are in .deps/"
}

check_swift_is_there
install_packages
check_swift_version
if is_bundled; then fetch_libraries; fi
