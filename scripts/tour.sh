#!/usr/bin/env bash
# Runs every command of docs/TOUR.md, one after the other, in the folder tour/, which it starts afresh. Fails where a command
# does, and where a model that is measured has not learned to segment the phantom.
#
# Environment:
#   VNET         the vnet command; default .build/release/vnet
#   VNET_PYTHON  a Python with numpy, scipy, nibabel and onnxruntime; default one that is made in .bench/onnx
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly root="$PWD"
readonly program="$(realpath "${VNET:-.build/release/vnet}")"
readonly tour="$PWD/docs/TOUR.md"
fail() {
  echo "tour: $*" >&2
  exit 1
}
[[ -x "$program" ]] || fail "$program is not built; run 'make build'"

run_vnet() {
  local -r arguments="$1"
  local printed
  printf '\n\033[1m$ vnet %s\033[0m\n' "$arguments"
  printed="$(mktemp)"
  # The commands of the tour quote nothing.
  # shellcheck disable=SC2086
  "$program" $arguments </dev/null | tee "$printed"
  require_learned "$arguments" "$(cat "$printed")"
  rm "$printed"
}

# The phantom is easy: below this mean Dice a model has learned nothing worth showing.
readonly least_dice=0.8

# require_learned ARGUMENTS PRINTED: looks at what an evaluation says.
require_learned() {
  local dice
  [[ "$1" == evaluate* ]] || return 0
  dice="$(sed -n 's/^mean foreground Dice \([0-9.]*\) .*/\1/p' <<<"$2")"
  awk -v dice="${dice:-0}" -v least="$least_dice" 'BEGIN { exit !(dice >= least) }' ||
    fail "'vnet $1' measures a mean Dice of ${dice:-nothing}, and $least_dice is the least"
}

# Prints the Python that runs the example, and makes it where there is none.
python() {
  local -r imports='import nibabel, numpy, onnxruntime, scipy' own="$root/.bench/onnx"
  if [[ -n "${VNET_PYTHON:-}" ]]; then
    echo "$VNET_PYTHON"
  elif python3 -c "$imports" 2>/dev/null; then
    echo python3
  else
    [[ -x "$own/bin/python" ]] || python3 -m venv "$own" >&2 || return 1
    "$own/bin/python" -c "$imports" 2>/dev/null ||
      "$own/bin/pip" install --quiet nibabel numpy onnxruntime scipy >&2 || return 1
    echo "$own/bin/python"
  fi
}

# Runs the example, whose mask must be that of vnet.
run_example() {
  local interpreter
  interpreter="$(python)" || {
    echo "tour: skipped, since there is no Python with numpy, scipy, nibabel and onnxruntime, and pip cannot fetch them"
    return
  }
  printf '\n\033[1m$ python3 %s\033[0m\n' "$1"
  # shellcheck disable=SC2086
  "$interpreter" $1 </dev/null
  "$interpreter" - <<'END'
import nibabel, numpy
ours, found = (numpy.asarray(nibabel.load(name).dataobj) for name in ("mask.nii.gz", "onnx.nii.gz"))
differing = int((ours != found).sum())
print(f"{differing} of {ours.size} voxels differ from vnet's mask")
assert differing <= ours.size // 10_000
END
}

rm -rf tour
mkdir tour
cd tour
sed -n '/^```sh$/,/^```$/p' "$tour" | grep -v '^```' | while read -r name arguments; do
  case "$name" in
    vnet) run_vnet "$arguments" ;;
    python3) run_example "$arguments" ;;
    *) fail "'$name $arguments' is no command of the tour" ;;
  esac
done
