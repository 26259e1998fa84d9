"""Predicts hippocampus scans by `vnet predict` and by nnU-Net v2, in turn, and compares whole processes.

Usage: python3 nnunet.py --data Task04_Hippocampus [--vnet .build/release/vnet] [--nnunet .bench/nnunet/bin/python]
                         [--scans 26] [--rounds 3] [--threads 2]

Both predict the same scans with test-time mirroring along three axes (eight views), each with its own network: nnU-Net that of
its 3d_fullres plan for this data set, vnet that of --preset accurate. What the networks have learned does not change the time:
nnU-Net's weights are those that its trainer starts with, vnet's those of one step, whose training measured the algorithms of
convolutions, as every training does. nnU-Net on a CPU computes in float32, vnet in float32 and, beside it, in bf16.
`scripts/bench_environment.sh nnunet` makes nnU-Net's Python.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

# Plans for the data set and saves the network as the trainer makes it.
PREPARATION = """
import json, os, sys, torch
from nnunetv2.experiment_planning.plan_and_preprocess_api import extract_fingerprints, plan_experiments
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    extract_fingerprints([4], num_processes=1, check_dataset_integrity=False)
    plan_experiments([4])
    folder = os.path.join(os.environ["nnUNet_preprocessed"], "Dataset004_Hippocampus")
    plans = json.load(open(os.path.join(folder, "nnUNetPlans.json")))
    dataset = json.load(open(os.path.join(folder, "dataset.json")))
    plans["continue_training"] = False
    # The trainer looks at the endings of what was preprocessed, which is not needed to predict.
    os.makedirs(os.path.join(folder, "nnUNetPlans_3d_fullres"))
    open(os.path.join(folder, "nnUNetPlans_3d_fullres", "none.npz"), "w").close()
    trainer = nnUNetTrainer(plans, "3d_fullres", 0, dataset, device=torch.device("cpu"))
    trainer.initialize()
    results = trainer.output_folder_base
    os.makedirs(os.path.join(results, "fold_0"), exist_ok=True)
    for name, content in (("plans.json", plans), ("dataset.json", dataset)):
        json.dump(content, open(os.path.join(results, name), "w"))
    trainer.save_checkpoint(os.path.join(results, "fold_0", "checkpoint_final.pth"))
"""


def run(words, environment, what):
    """Runs a command; returns its seconds."""
    words = [str(word) for word in words]
    begun = time.monotonic()
    result = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **environment})
    if result.returncode != 0:
        sys.exit(f"nnunet: {what}: exit {result.returncode}: {(result.stdout + result.stderr).strip()[-1500:]}")
    return time.monotonic() - begun


def link_data(source, raw, scans):
    """The data set in nnU-Net's layout, and a folder of scans to predict for each program."""
    dataset = raw / "Dataset004_Hippocampus"
    (dataset / "imagesTr").mkdir(parents=True)
    (dataset / "labelsTr").mkdir()
    names = sorted(path.name.removesuffix(".nii.gz") for path in (source / "labelsTr").glob("[!._]*.nii.gz"))
    for name in names:
        os.symlink(source / "imagesTr" / f"{name}.nii.gz", dataset / "imagesTr" / f"{name}_0000.nii.gz")
        os.symlink(source / "labelsTr" / f"{name}.nii.gz", dataset / "labelsTr" / f"{name}.nii.gz")
    description = {"channel_names": {"0": "MRI"}, "labels": {"background": 0, "Anterior": 1, "Posterior": 2}}
    (dataset / "dataset.json").write_text(json.dumps({**description, "numTraining": len(names), "file_ending": ".nii.gz"}))
    for folder, ending in (("scans-nnunet", "_0000"), ("scans-vnet", "")):
        (raw / folder).mkdir()
        for name in names[:scans]:
            shutil.copy(source / "imagesTr" / f"{name}.nii.gz", raw / folder / f"{name}{ending}.nii.gz")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].strip())
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--vnet", default=".build/release/vnet", type=pathlib.Path)
    parser.add_argument("--nnunet", default=".bench/nnunet/bin/python", type=pathlib.Path)
    parser.add_argument("--scans", type=int, default=26)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vnet-nnunet-") as folder:
        folder = pathlib.Path(folder)
        link_data(options.data.resolve(), folder, options.scans)
        environment = {f"nnUNet_{name}": str(folder / name) for name in ("preprocessed", "results")}
        environment |= {"nnUNet_raw": str(folder), "OMP_NUM_THREADS": str(options.threads), "nnUNet_compile": "f"}
        environment["XDG_CACHE_HOME"] = str(folder / "cache")
        (folder / "prepare.py").write_text(PREPARATION)
        run([options.nnunet, folder / "prepare.py", options.threads], environment, "preparing nnU-Net")
        vnet = options.vnet.resolve()
        run([vnet, "train", "--data-dir", options.data, "--model-dir", folder / "model", "--preset", "accurate",
             "--with", "flip", "--epochs", 1, "--steps-per-epoch", 1, "--threads", options.threads],
            environment, "training vnet")
        predict = pathlib.Path(options.nnunet).absolute().parent / "nnUNetv2_predict"
        commands = {
            "nnU-Net": [predict, "-i", folder / "scans-nnunet", "-o", folder / "masks-nnunet", "-d", 4, "-c", "3d_fullres",
                        "-f", 0, "-device", "cpu", "-npp", 1, "-nps", 1],
        }
        for name, precision in (("vnet", []), ("vnet-bf16", ["--amp"])):
            commands[name] = [vnet, "predict", "--model-dir", folder / "model", "--input", folder / "scans-vnet", "--output",
                              folder / f"masks-{name}", "--tta", *precision, "--threads", options.threads]
        seconds = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, words in commands.items():
                seconds[name].append(run(words, environment, name))
                print(f"{name:10} {seconds[name][-1]:6.2f} s", flush=True)
                masks = folder / ("masks-nnunet" if name == "nnU-Net" else f"masks-{name}")
                found = len(list(masks.glob("*.nii.gz")))
                if found != options.scans:
                    sys.exit(f"nnunet: {name} wrote {found} masks of {options.scans} scans")
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name in list(commands)[1:]:
        first = seconds["nnU-Net"][0] / seconds[name][0]
        print(f"{options.scans} scans, medians of {options.rounds}: nnU-Net {medians['nnU-Net']:.2f} s, {name} {medians[name]:.2f} s, "
              f"{medians['nnU-Net'] / medians[name]:.2f} times as fast; the first time {first:.2f} times")


if __name__ == "__main__":
    main()
