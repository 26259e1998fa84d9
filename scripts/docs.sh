#!/usr/bin/env bash
# Makes the documentation of the libraries with DocC, from what is built, and fails where DocC warns.
#
# Usage: scripts/docs.sh [FOLDER]   where it goes; default .build/docs
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly folder="${1:-.build/docs}"
readonly built=.build/release
docc="$(dirname "$(readlink -f "$(command -v swift)")")/docc"
readonly docc
staging="$(mktemp -d)"
trap 'rm -rf "$staging"' EXIT

# Where the libraries' C modules are.
modules=(-I "$built/Modules" -I Sources/CZlib)
for map in "$built"/*.build/module.modulemap; do modules+=(-Xcc "-fmodule-map-file=$map"); done

rm -rf "$folder"
mkdir -p "$folder"
for module in Segmentation MedicalImaging TensorGraph CPUBackend PJRTBackend; do
  mkdir "$staging/$module"
  swift symbolgraph-extract -module-name "$module" "${modules[@]}" -target "$(uname -m)-unknown-linux-gnu" \
    -minimum-access-level public -skip-synthesized-members -output-dir "$staging/$module"
  "$docc" convert "Sources/$module/$module.docc" --additional-symbol-graph-dir "$staging/$module" \
    --fallback-display-name "$module" --fallback-bundle-identifier "vnet.$module" \
    --transform-for-static-hosting --hosting-base-path "$module" --warnings-as-errors --output-path "$folder/$module"
done
echo "documentation: $folder/MODULE; a web server over $folder shows it at /MODULE/documentation/"
