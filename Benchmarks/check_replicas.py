"""Trains a data set by one process and by two, and compares the soft Dice of the validation cases.

Usage: python3 check_replicas.py --data Task04_Hippocampus [--vnet .build/release/vnet]
                                 [--mpirun .deps/bin/mpirun] [--epochs 80] [--keep FOLDER]

One process takes batches of 4, two take batches of 2 each: the same number of cases in a step. Fails where the mean
foreground soft Dice over the last ten epochs differs by more than 0.015.

    --keep FOLDER  leave both models there
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ALLOWED_DIFFERENCE = 0.015
LAST_EPOCHS = 10


def train(options, folder, processes, batch):
    """Trains; returns for each class the mean soft Dice of the last epochs."""
    model = folder / f"processes-{processes}"
    command = [options.vnet, "train", "--data-dir", options.data, "--model-dir", model, "--augment"]
    command += ["--epochs", options.epochs, "--batch-size", batch]
    if processes > 1:
        command = [options.mpirun, "-np", processes, *command]
    environment = os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    command = [str(word) for word in command]
    print(" ".join(command), flush=True)
    if subprocess.run(command, env=environment).returncode != 0:
        sys.exit("check_replicas: the training failed; see above")
    return last_dice(model / "log.jsonl")


def last_dice(log):
    """For each foreground class the mean soft Dice over the last epochs of a log."""
    prefix = "validation_dice_"
    epochs = []
    for line in log.read_text().splitlines():
        data = json.loads(line.removeprefix("DLLL "))["data"]
        dice = {name.removeprefix(prefix): value for name, value in data.items() if name.startswith(prefix)}
        if dice:
            epochs.append(dice)
    last = epochs[-LAST_EPOCHS:]
    return {name: statistics.mean(e[name] for e in last) for name in last[0] if name != "background"}


def main():
    parser = argparse.ArgumentParser(usage=re.sub(r"\s+", " ", __doc__.split("\n\n")[1]))
    parser.add_argument("--data", required=True)
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--mpirun", default=".deps/bin/mpirun")
    parser.add_argument("--epochs", type=int, default=80)
    parser.add_argument("--keep")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(options.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        one, two = train(options, folder, 1, 4), train(options, folder, 2, 2)
    print(f"\n| soft Dice, mean of the last {LAST_EPOCHS} epochs | 1 process, batch 4 | 2 processes, batch 2 each |")
    print("|---|---|---|")
    for name in one:
        print(f"| {name} | {one[name]:.4f} | {two[name]:.4f} |")
    difference = statistics.mean(two.values()) - statistics.mean(one.values())
    print(f"\nmean difference {difference:+.4f}, allowed {ALLOWED_DIFFERENCE}")
    sys.exit(0 if abs(difference) <= ALLOWED_DIFFERENCE else 1)


if __name__ == "__main__":
    main()
