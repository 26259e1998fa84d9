#!/usr/bin/env bash
# Builds examples/segment from a copy elsewhere, as a program of its own that depends on a version of this package, a tag of a
# clone of what is committed here, and segments a scan with it.
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
git clone -q . "$copy/vnet"
git -C "$copy/vnet" tag 0.1.0
export VNET_REPOSITORY="file://$copy/vnet"
cd "$copy"
swift build --package-path segment -c release

"$program" phantom --output data --cases 4 --seed 1
"$program" train --data-dir data --model-dir model --filters 4 --input-shape 16 16 16 --epochs 1
"$program" export --model-dir model --output model.safetensors
scan="$(find data/imagesTs -name '*.nii.gz' | sort | head -n 1)"
"$program" predict --model-dir model --input "$scan" --output expected.nii.gz
segment/.build/release/segment model.safetensors "$scan" mask.nii.gz
cmp <(gzip -dc mask.nii.gz) <(gzip -dc expected.nii.gz)
echo "the example gives the mask of vnet predict"
