#!/usr/bin/env bash
# Builds examples/segment from a copy elsewhere, as a program of its own that depends on this package, and segments a scan with it.
# Slow: everything is compiled anew.
#
# Environment:
#   VNET  the vnet command; default .build/release/vnet
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly program="$(realpath "${VNET:-.build/release/vnet}")"
readonly copy="$(mktemp -d)"
trap 'rm -rf "$copy"' EXIT

cp -r examples/segment "$copy/segment"
export VNET_PACKAGE="$PWD"
cd "$copy"
swift build --package-path segment -c release

"$program" phantom --output data --cases 4 --seed 1
"$program" train --data-dir data --model-dir model --filters 4 --input-shape 16 16 16 --epochs 1
"$program" export --model-dir model --output model.safetensors
scan="$(find data/imagesTs -name '*.nii.gz' | sort | head -n 1)"
"$program" predict --model-dir model --input "$scan" --output expected.nii.gz
LD_LIBRARY_PATH="$VNET_PACKAGE/.deps/lib" segment/.build/release/segment model.safetensors "$scan" mask.nii.gz
cmp <(gzip -dc mask.nii.gz) <(gzip -dc expected.nii.gz)
echo "the example gives the mask of vnet predict"
