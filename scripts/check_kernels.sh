#!/usr/bin/env bash
# Compares the kernels written in C with plain convolutions in double, over random shapes: Tests/KernelCheck.
#
# Usage: scripts/check_kernels.sh [native] [valgrind] [arm64] [ROUNDS=20] [SEED=1]
#
#   native    each instruction set of this processor (the default)
#   valgrind  the same under valgrind's memcheck, a round of each
#   arm64     compiled for arm64 with NEON and run under qemu-aarch64
#             (Debian: gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  printf 'check_kernels: %s\n' "$*" >&2
  exit 1
}

need() {
  command -v "$1" >/dev/null || fail "$1 is missing; install Debian's package $2"
}

rounds=20 seed=1 ways=()
for word in "$@"; do
  case "$word" in
    ROUNDS=*) rounds="${word#*=}" ;;
    SEED=*) seed="${word#*=}" ;;
    native | valgrind | arm64) ways+=("$word") ;;
    *) fail "$word is unknown; give native, valgrind, arm64, ROUNDS=n or SEED=n" ;;
  esac
done
((${#ways[@]} > 0)) || ways=(native)

swift="$(command -v swift)" || fail "swift is not on the PATH"
clang="$(dirname "$(readlink -f "$swift")")/clang"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

# compile PROGRAM OPTION...
compile() {
  local program="$1"
  shift
  "$clang" -std=gnu11 -Wall -Werror -ISources/CPUKernels/include "$@" \
    Sources/CPUKernels/*.c Tests/KernelCheck/main.c -lm -o "$program"
}

# The instruction sets of this processor, up to the widest that $1 may use.
instruction_sets() {
  local sets="portable" flags
  flags=" $(grep -m1 '^flags' /proc/cpuinfo) "
  [[ $flags == *" avx2 "* && $flags == *" fma "* ]] && sets+=" avx2"
  [[ $1 == avx512 && $flags == *" avx512vl "* && $flags == *" avx512bw "* && $flags == *" avx512dq "* ]] && sets+=" avx512"
  [[ $sets == *avx512 && $flags == *" avx512_bf16 "* ]] && sets+=" avx512-bf16"
  printf '%s' "$sets"
}

for way in "${ways[@]}"; do
  case "$way" in
    native)
      compile "$folder/native" -O2
      for set in $(instruction_sets avx512); do "$folder/native" "$set" "$rounds" "$seed"; done
      ;;
    valgrind)
      need valgrind valgrind
      # Debian's valgrind reads no newer debugging information.
      compile "$folder/valgrind" -O1 -gdwarf-4
      # valgrind knows no AVX-512.
      for set in $(instruction_sets avx2); do
        valgrind --quiet --error-exitcode=1 --leak-check=full "$folder/valgrind" "$set" 1 "$seed"
      done
      ;;
    arm64)
      need qemu-aarch64 qemu-user
      need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
      compile "$folder/arm64" -O2 --target=aarch64-linux-gnu --sysroot=/ -static -fuse-ld=lld \
        -isystem /usr/aarch64-linux-gnu/include -B/usr/aarch64-linux-gnu/lib -L/usr/aarch64-linux-gnu/lib \
        -B"$(dirname "$(aarch64-linux-gnu-gcc -print-libgcc-file-name)")" \
        -L"$(dirname "$(aarch64-linux-gnu-gcc -print-libgcc-file-name)")"
      qemu-aarch64 "$folder/arm64" portable "$rounds" "$seed"
      ;;
  esac
done
