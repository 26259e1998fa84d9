"""Trains the accurate recipe and variants of it that lack or add one part, on one fold, and compares their Dice.

Usage: python3 ablation.py --data Task04_Hippocampus [--vnet .build/release/vnet] [--epochs 20] [--jobs 2]
                           [--models folder] [--only name ...] [--record]

Each run has one thread, and --jobs of them run at once. Dice is that of the fold's validation cases in the scans' own
geometry, the mean over cases and foreground classes, after the last epoch. Short runs tell less of what guards against
overfitting than of what speeds learning up.

    --models  keeps the models there, and goes on with what is trained already
    --record  writes the table to docs/RECIPE.md
"""

import argparse
import concurrent.futures
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

DOCUMENT = pathlib.Path(__file__).parent.parent / "docs" / "RECIPE.md"
MARKS = ("<!-- figures of ablation.py -->", "<!-- end of figures -->")
TRANSFORMS = "flip rotation scaling noise blur brightness contrast gamma".split()

WHOLE = "the recipe"
VARIANTS = {
    WHOLE: [],
    "no augmentation": ["--without", *TRANSFORMS],
    "no flips": ["--without", "flip"],
    "no rotation, no scaling": ["--without", "rotation", "scaling"],
    "no changes of intensity": ["--without", "noise", "blur", "brightness", "contrast", "gamma"],
    "no average of the weights": ["--average-decay", "0"],
    "Dice alone": ["--loss", "dice"],
    "cross-entropy alone": ["--loss", "cross-entropy"],
    "no full-resolution skip": ["--upscale-blocks", "3", "3"],
    "constant learning rate": ["--lr-schedule", "constant"],
    "elastic deformation, too": ["--with", "elastic"],
    "low resolution, too": ["--with", "low-resolution"],
}


def run(command):
    words = [str(word) for word in command]
    finished = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if finished.returncode != 0:
        sys.exit(f"ablation: {' '.join(words)} failed: {finished.stderr.strip()}")


def score(name, options, models):
    """Trains a variant where it is not trained yet; returns the Dice of each class and the mean HD95."""
    folder = models / name.replace(" ", "-").replace(",", "")
    data = ["--data-dir", options.data, "--threads", 1, "--amp"]
    recipe = ["--preset", "accurate", "--epochs", options.epochs, "--validate-every", options.epochs, *VARIANTS[name]]
    run([options.vnet, "train", *data, "--folds", 5, "--fold", 0, "--model-dir", folder,
         *(["--resume"] if (folder / "fold-0" / "last.safetensors").exists() else recipe)])
    run([options.vnet, "evaluate", *data, "--model-dir", folder / "fold-0"])
    means = json.loads((folder / "fold-0" / "evaluation.json").read_text())["mean"]
    dice = {label: figures["dice"] for label, figures in means.items()}
    print(f"{name}: {statistics.mean(dice.values()):.4f}", flush=True)
    return dice, statistics.mean(figures["hd95_mm"] for figures in means.values())


def table(scores):
    labels = list(scores[WHOLE][0])
    whole = statistics.mean(scores[WHOLE][0].values())
    rows = [f"| run | {' | '.join(labels)} | mean Dice | against the recipe | HD95, mm |", "|---" * (len(labels) + 4) + "|"]
    for name, (dice, distance) in scores.items():
        mean = statistics.mean(dice.values())
        cells = " | ".join(f"{dice[label]:.4f}" for label in labels)
        rows.append(f"| {name} | {cells} | {mean:.4f} | {mean - whole:+.4f} | {distance:.2f} |")
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--models")
    parser.add_argument("--only", nargs="+", default=list(VARIANTS))
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    names = [WHOLE] + [name for name in options.only if name != WHOLE]
    for name in names:
        if name not in VARIANTS:
            sys.exit(f"ablation: there is no run {name!r}; take some of: {', '.join(VARIANTS)}")
    with tempfile.TemporaryDirectory() as temporary:
        models = pathlib.Path(options.models or temporary)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            scores = dict(zip(names, pool.map(lambda name: score(name, options, models), names)))
    text = f"`python3 Benchmarks/ablation.py --data Task04_Hippocampus --epochs {options.epochs}`\n\n{table(scores)}"
    print(text)
    if options.record:
        document = DOCUMENT.read_text()
        before, rest = document.split(MARKS[0])
        after = rest.split(MARKS[1])[1]
        DOCUMENT.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}")


if __name__ == "__main__":
    main()
