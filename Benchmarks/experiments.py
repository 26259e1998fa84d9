"""Trains a preset's recipe and variants of it on folds of a data set, and compares them case by case.

Usage: python3 experiments.py --data Task04_Hippocampus [--vnet .build/release/vnet] [--folds 0 3] [--jobs 2]
                              [--models experiments] [--preset accurate] [--only name ...] [--epochs 16] [--amp] [--tta] [--record]

Each run has one thread, and --jobs of them run at once. Dice and HD95 are those of the folds' validation cases in the scans'
own geometry after the last epoch. A variant is compared with the recipe by the paired differences of the cases' mean
foreground Dice: a difference of less than two standard errors says nothing. Short runs tell less of what guards against
overfitting than of what speeds learning up.

    --models  keeps the models there; what is trained is not trained again, and what was stopped goes on
    --epochs  trains all so long, whatever they say
    --tta     evaluates with test-time augmentation
    --record  writes the table to docs/RECIPE.md
"""

import argparse
import concurrent.futures
import csv
import math
import pathlib
import statistics
import subprocess
import sys

DOCUMENT = pathlib.Path(__file__).parent.parent / "docs" / "RECIPE.md"
MARKS = ("<!-- figures of experiments.py -->", "<!-- end of figures -->")
FOLD_COUNT = 5
TRANSFORMS = "flip rotation scaling noise blur brightness contrast gamma".split()

RECIPE = "the recipe"
VARIANTS = {
    RECIPE: [],
    "flips along all axes": ["--with", "flip"],
    "300 epochs": ["--epochs", "300"],
    "80 epochs": ["--epochs", "80"],
    "40 epochs": ["--epochs", "40"],
    "20 epochs": ["--epochs", "20"],
    "8 epochs": ["--epochs", "8"],
    "24 filters": ["--filters", "24"],
    "residual U-Net": ["--network", "residual-unet"],
    "batches of 2": ["--batch-size", "2"],
    "patches of whole cases": ["--input-shape", "40", "56", "40", "--batch-size", "2"],
    "elastic": ["--with", "elastic"],
    "low resolution": ["--with", "low-resolution"],
    "weight decay 0.05": ["--weight-decay", "0.05"],
    "learning rate 0.004": ["--base-lr", "0.004"],
    "learning rate 0.001": ["--base-lr", "0.001"],
    "no augmentation": ["--without", *TRANSFORMS],
    "no rotation, no scaling": ["--without", "rotation", "scaling"],
    "no changes of intensity": ["--without", "noise", "blur", "brightness", "contrast", "gamma"],
    "no average of the weights": ["--average-decay", "0"],
    "Dice alone": ["--loss", "dice"],
    "cross-entropy alone": ["--loss", "cross-entropy"],
    "no full-resolution skip": ["--upscale-blocks", "3", "3"],
    "constant learning rate": ["--lr-schedule", "constant"],
}


def run(command):
    words = [str(word) for word in command]
    finished = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if finished.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {finished.stderr.strip()}")


def measured(name, fold, options):
    """Trains a variant on a fold where that is not done yet; returns the rows of its cases."""
    cross_validation = pathlib.Path(options.models) / name.replace(" ", "-").replace(",", "")
    folder = cross_validation / f"fold-{fold}"
    data = ["--data-dir", options.data, "--threads", 1, *(["--amp"] if options.amp else [])]
    begun = (folder / "last.safetensors").exists()
    run([options.vnet, "train", *data, "--folds", FOLD_COUNT, "--fold", fold, "--model-dir", cross_validation,
         *(["--resume"] if begun else ["--preset", options.preset, *VARIANTS[name]]),
         *(["--epochs", options.epochs] if options.epochs else [])])
    run([options.vnet, "evaluate", *data, "--model-dir", folder, *(["--tta"] if options.tta else [])])
    with open(folder / "cases.csv", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    """A figure of cases.csv; None where a class is absent."""
    try:
        return float(text)
    except ValueError:
        return None


def mean(values):
    values = [value for value in values if value is not None]
    return statistics.mean(values) if values else math.nan


class Scores:
    """The figures of a variant over the cases of all its folds."""

    def __init__(self, rows):
        self.labels = list(dict.fromkeys(row["class"] for row in rows))
        self.dice = {label: mean(number(row["dice"]) for row in rows if row["class"] == label) for label in self.labels}
        self.distance = mean(number(row["hd95_mm"]) for row in rows)
        cases = {}
        for row in rows:
            cases.setdefault(row["case"], []).append(number(row["dice"]))
        self.cases = {case: mean(values) for case, values in cases.items()}
        self.mean = statistics.mean(self.dice.values())

    def difference(self, other):
        """The mean of the paired differences from another's cases, and its standard error."""
        differences = [self.cases[case] - other.cases[case] for case in self.cases if case in other.cases]
        error = statistics.stdev(differences) / math.sqrt(len(differences)) if len(differences) > 1 else math.nan
        return statistics.mean(differences), error


def table(scores, failures):
    whole = scores.get(RECIPE)
    labels = next(iter(scores.values())).labels if scores else []
    rows = [f"| run | cases | {' | '.join(labels)} | mean Dice | against the recipe | HD95, mm |",
            "|---" * (len(labels) + 5) + "|"]
    for name, score in scores.items():
        cells = " | ".join(f"{score.dice[label]:.4f}" for label in labels)
        against = ""
        if whole is not None and score is not whole:
            difference, error = score.difference(whole)
            against = f"{difference:+.4f} +- {error:.4f}"
        rows.append(f"| {name} | {len(score.cases)} | {cells} | {score.mean:.4f} | {against} | {score.distance:.2f} |")
    rows += [f"| {name} | failed: {reason} |" + " |" * (len(labels) + 3) for name, reason in failures.items()]
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 3])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--models", default="experiments")
    parser.add_argument("--preset", choices=["accurate", "fast"], default="accurate")
    parser.add_argument("--only", nargs="+", default=list(VARIANTS))
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--amp", action="store_true")
    parser.add_argument("--tta", action="store_true")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    for name in options.only:
        if name not in VARIANTS:
            sys.exit(f"experiments: there is no run {name!r}; take some of: {', '.join(VARIANTS)}")
    scores, failures = {}, {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = {name: [pool.submit(measured, name, fold, options) for fold in options.folds] for name in options.only}
        for name, folds in runs.items():
            try:
                scores[name] = Scores([row for fold in folds for row in fold.result()])
                print(f"{name}: {scores[name].mean:.4f}", flush=True)
            except RuntimeError as error:
                failures[name] = str(error)
                print(f"{name}: {error}", file=sys.stderr, flush=True)
    command = f"python3 Benchmarks/experiments.py --data Task04_Hippocampus --folds {' '.join(map(str, options.folds))}"
    command += f" --preset {options.preset}" if options.preset != "accurate" else ""
    command += f" --epochs {options.epochs}" if options.epochs else ""
    command += "".join(f" --{flag}" for flag in ("amp", "tta") if getattr(options, flag))
    text = f"`{command}`\n\n{table(scores, failures)}"
    print(text)
    if options.record:
        document = DOCUMENT.read_text()
        before, rest = document.split(MARKS[0])
        after = rest.split(MARKS[1])[1]
        DOCUMENT.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
