#!/usr/bin/env bash
# Runs the whole of Benchmarks/gpu/measure.py at small shapes on XLA's CPU plugin, so that its first run on a GPU fails for the
# GPU's reasons only. Skipped, and said so, where the plugin is not in .plugins/.
#
# Usage: scripts/rehearse_gpu.sh VNET
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ ! -f .plugins/stamp ]]; then
  echo "rehearsal of Benchmarks/gpu/measure.py: skipped, since XLA's CPU plugin is not in .plugins/ (scripts/plugins.sh)"
  exit 0
fi
python3 Benchmarks/gpu/measure.py --rehearse --vnet "$1" --output .build/rehearsal.md
