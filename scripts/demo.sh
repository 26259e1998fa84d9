#!/usr/bin/env bash
# Trains, evaluates and predicts from beginning to end, in the folder demo/, which it starts afresh.
#
# Environment:
#   VNET    the vnet command; default .build/release/vnet
#   DATA    a data set in the Medical Segmentation Decathlon's form; default a phantom made here
#   EPOCHS  passes over the training cases; default 60 on the phantom, 4 on DATA
set -euo pipefail

readonly caller="$PWD"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly vnet="${VNET:-.build/release/vnet}"
readonly output=demo

fail() {
  printf 'demo: %s\n' "$*" >&2
  exit 1
}

step() {
  printf '\n\033[1m$ vnet %s\033[0m\n' "$*"
  "$vnet" "$@"
}

# The folder of scans to predict: those without a mask where there are any, else the training scans.
scans_of() {
  if compgen -G "$1/imagesTs/[!._]*.nii*" >/dev/null; then echo "$1/imagesTs"; else echo "$1/imagesTr"; fi
}

[[ -x "$vnet" ]] || fail "$vnet is not built; run 'make build'"
data="${DATA:-}"
[[ -z "$data" || "$data" == /* ]] || data="$caller/$data"
[[ -z "$data" || -f "$data/dataset.json" ]] ||
  fail "$data holds no dataset.json; give the folder of a data set in MSD form"

rm -rf "$output"
mkdir "$output"
augment=()
if [[ -z "$data" ]]; then
  data="$output/data"
  epochs="${EPOCHS:-60}"
  step phantom --output "$data" --cases 24 --seed 1
else
  epochs="${EPOCHS:-4}"
  # Not on the phantom: so few cases and epochs go further without flips.
  augment=(--augment)
fi

step verify --data-dir "$data"
step train --data-dir "$data" --model-dir "$output/model" --epochs "$epochs" "${augment[@]}" --evaluate
step evaluate --data-dir "$data" --model-dir "$output/model" --json "$output/evaluation.json" |
  tee "$output/evaluation.txt"
step predict --model-dir "$output/model" --input "$(scans_of "$data")" --output "$output/masks"

printf '\n\033[1mDice on the validation cases\033[0m\n'
tail -n +3 "$output/evaluation.txt"
printf '\n\033[1mMasks\033[0m\n'
find "$PWD/$output/masks" -name '*.nii*' | sort
printf '\n\033[1mReport\033[0m\n'
find "$PWD/$output/model" -name '*.html' | sort
