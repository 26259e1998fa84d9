#!/usr/bin/env bash
# Builds what uses threads, the C kernels and the readers of images with the sanitizers, and runs it: fails at the first finding.
#
#   C kernels      address, undefined behaviour   Tests/Sanitizing/kernels.c, in each instruction set of this machine
#   fork and join  thread; address                Tests/Sanitizing/fork_join.c
#   Swift          thread                         graph-case-check; vnet: a training with its queue of batches, and its output
#   Swift          address                        graph-case-check; format-mutations: readers of images
#
# Usage: scripts/sanitize.sh [c | thread | address]...   all of them where none is given
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly folder=.build-sanitize
readonly toolchain="$(dirname "$(readlink -f "$(command -v swift)")")"
readonly clang="$toolchain/clang"
readonly runtime="$toolchain/../lib/swift/linux"
# A finding ends the program with a status other than 0.
export TSAN_OPTIONS="halt_on_error=1"
# Swift's run time frees little of what it made at the end; leaks are the campaign's trial "endurance".
export ASAN_OPTIONS="detect_leaks=0"

say() { printf 'sanitize: %s\n' "$*"; }

# Unoptimised: unrolled vector loops take minutes to compile with checks in them.
compile() {
  "$clang" -std=gnu11 -O0 -gline-tables-only -Wall -Werror -I Sources/CPUKernels/include -I Sources/ForkJoin/include \
    -fno-sanitize-recover=all -fuse-ld=lld -Wno-unused-command-line-argument "$@"
}

check_kernels() {
  say "C kernels: address, undefined behaviour"
  local source objects=() jobs=()
  for source in Sources/CPUKernels/*.c Tests/Sanitizing/kernels.c; do
    objects+=("$folder/$(basename "$source" .c).o")
    compile -fsanitize=address,undefined -Wno-psabi -c "$source" -o "${objects[-1]}" &
    jobs+=($!)
  done
  local job
  for job in "${jobs[@]}"; do wait "$job"; done
  compile -fsanitize=address,undefined "${objects[@]}" -lm -o "$folder/kernels"
  "$folder/kernels" 40
}

# Swift's thread sanitizer wants its dispatch library.
check_fork_join() {
  local sanitizer
  for sanitizer in thread address,undefined; do
    say "fork and join: $sanitizer"
    compile -fsanitize="$sanitizer" Sources/ForkJoin/pool.c Tests/Sanitizing/fork_join.c -L "$runtime" -Wl,-rpath,"$runtime" \
      -ldispatch -lBlocksRuntime -lpthread -o "$folder/fork_join"
    "$folder/fork_join" 5000
  done
}

# Unoptimised: in about a third of the time.
build() {
  local sanitizer="$1" product
  shift
  for product in "$@"; do
    say "$product: building for $sanitizer"
    swift build --sanitize="$sanitizer" --scratch-path "$folder/$sanitizer" --product "$product"
  done
}

# Some of the catalogue: without optimisation the interpreter that results are compared with is slow.
check_graphs() {
  local part
  for part in "max pool" "convolution/1 " "convolution/16 to" "convolution/17"; do
    "$folder/$1/debug/graph-case-check" "$part"
  done
}

check_threads() {
  build thread graph-case-check vnet
  say "graph-case-check and vnet: thread"
  check_graphs thread
  local vnet="$folder/thread/debug/vnet" run="$folder/run"
  rm -rf "$run"
  "$vnet" phantom --output "$run/data" --cases 4 --test-cases 1
  "$vnet" train --data-dir "$run/data" --model-dir "$run/model" --filters 2 --input-shape 16 16 16 --batch-size 2 --epochs 2 \
    --augment --device cpu --threads 2
  "$vnet" predict --model-dir "$run/model" --input "$run/data/imagesTs" --output "$run/masks" --device cpu --threads 2
}

check_addresses() {
  build address graph-case-check format-mutations
  say "graph-case-check and format-mutations: address"
  check_graphs address
  "$folder/address/debug/format-mutations" 300 1 Tests/MedicalImagingTests/Goldens
}

mkdir -p "$folder"
(($# > 0)) || set -- c thread address
for part in "$@"; do
  case "$part" in
  c)
    check_fork_join
    check_kernels
    ;;
  thread) check_threads ;;
  address) check_addresses ;;
  *)
    say "$part is not known; give c, thread or address" >&2
    exit 1
    ;;
  esac
done
say "clean"
