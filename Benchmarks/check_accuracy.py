"""Trains on a fixed phantom and, where it is given, on the hippocampus data, and compares the Dice reached with the
recorded one.

Usage: python3 check_accuracy.py [--vnet .build/release/vnet] [--data Task04_Hippocampus] [--amp] [--record]

The mean over the last ten epochs of each class's soft Dice on the validation cases counts: single epochs scatter.
Fails with status 1 where it is more than 0.01 under Benchmarks/recorded_accuracy.json; --record writes that file.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

RECORD = pathlib.Path(__file__).parent / "recorded_accuracy.json"
ALLOWED_LOSS = 0.01
LAST = 10
PREFIX = "validation_dice_"


def run(*command):
    words = [str(word) for word in command]
    if subprocess.run(words).returncode != 0:
        sys.exit(f"check_accuracy: {' '.join(words)} failed")


def last_epochs(log):
    """The mean of each class's Dice over the last epochs."""
    entries = [json.loads(line.removeprefix("DLLL "))["data"] for line in log.read_text().splitlines()]
    epochs = [entry for entry in entries if f"{PREFIX}background" in entry][-LAST:]
    names = [name for name in epochs[-1] if name.startswith(PREFIX) and not name.endswith("background")]
    return {name.removeprefix(PREFIX): round(statistics.mean(e[name] for e in epochs), 4) for name in names}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--data")
    parser.add_argument("--amp", action="store_true")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    precision = ["--amp"] if options.amp else []
    recorded = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        run(options.vnet, "phantom", "--output", folder / "phantom", "--cases", 24, "--seed", 1)
        trainings = {"phantom": (folder / "phantom", ["--epochs", 60])}
        if options.data:
            recipe = ["--epochs", 80, "--batch-size", 2, "--augment"]
            trainings["hippocampus"] = (options.data, recipe)
        for name, (data, recipe) in trainings.items():
            model = folder / f"{name}-model"
            run(options.vnet, "train", "--data-dir", data, "--model-dir", model, *recipe, *precision)
            key = name + (" bf16" if options.amp else " f32")
            found = last_epochs(model / "log.jsonl")
            for score, value in found.items():
                expected = recorded.get(key, {}).get(score)
                is_low = expected is not None and value < expected - ALLOWED_LOSS
                failures += is_low
                print(f"{'LOW ' if is_low else 'ok  '} {key}, {score}: {value:.4f}, recorded {expected}")
            if options.record:
                recorded[key] = found
    if options.record:
        RECORD.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
