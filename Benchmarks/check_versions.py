#!/usr/bin/env python3
"""Compares two versions of the program: the same training must give the same bits.

    python3 Benchmarks/check_versions.py --before path/to/old/vnet --after path/to/new/vnet

Each preset trains ten steps on a phantom with direct convolutions on one thread; the checkpoints' tensors are compared bit
for bit. The new version then resumes a checkpoint of the old one, as the old one does itself, and predicts with it; tensors
and masks must be equal. Exits with 1 and a line for each difference.
"""
import argparse
import filecmp
import json
import pathlib
import subprocess
import tempfile

# Of each preset: options that make ten steps short: an epoch of ten training cases in batches of 1, or two in batches of 2.
PRESETS = {
    "hippocampus": ["--input-shape", "16", "16", "16"],
    "accurate": ["--input-shape", "16", "16", "16", "--epochs", "2", "--batch-size", "2"],
    "milletari": ["--input-shape", "32", "32", "16", "--filters", "4"],
    "unpadded": ["--input-shape", "44", "44", "44", "--filters", "4"],
}
CASES = 11
EXACT = ["--exact-convolution", "--threads", "1"]


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")


def tensors(path):
    """The bytes of each tensor of a safetensors file, with its type and shape."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    data = content[8 + length :]
    return {
        name: (entry["dtype"], entry["shape"], data[slice(*entry["data_offsets"])])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def differences(before, after):
    before, after = tensors(before), tensors(after)
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def one_pass(vnet, preset):
    """The option by which an epoch of patches is one pass over the cases, which it was before that option."""
    has = preset == "accurate" and "--steps-per-epoch" in subprocess.run(
        [vnet, "train", "--help-hidden"], capture_output=True, text=True).stdout
    return ["--steps-per-epoch", "1"] if has else []


def train(vnet, data, model, preset, *options):
    run(vnet, "train", "--data-dir", data, "--model-dir", model, "--preset", preset, "--train-split", "0.92",
        "--batch-size", "1", "--epochs", "1", *options, *one_pass(vnet, preset), *EXACT)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", required=True, type=pathlib.Path)
    parser.add_argument("--after", required=True, type=pathlib.Path)
    parser.add_argument("--only", nargs="*", default=list(PRESETS), help="presets to compare (all)")
    arguments = parser.parse_args()
    programs = {"before": arguments.before.resolve(), "after": arguments.after.resolve()}
    failures = 0

    def report(what, different):
        nonlocal failures
        failures += bool(different)
        print(f"{what}: {'equal' if not different else 'DIFFERENT: ' + ', '.join(different[:5])}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        data = folder / "phantom"
        run(programs["before"], "phantom", "--output", data, "--cases", str(CASES), "--test-cases", "2")
        for preset in arguments.only:
            for name, vnet in programs.items():
                train(vnet, data, folder / preset / name, preset, *PRESETS[preset])
            models = {name: folder / preset / name for name in programs}
            last = {name: model / "last.safetensors" for name, model in models.items()}
            report(f"{preset}, ten steps", differences(last["before"], last["after"]))

            epochs = str(2 * int(dict(zip(PRESETS[preset], PRESETS[preset][1:])).get("--epochs", 1)))
            resumed = folder / preset / "resumed"
            run("cp", "-r", models["before"], resumed)
            for name, model in (("before", models["before"]), ("after", resumed)):
                run(programs[name], "train", "--data-dir", data, "--model-dir", model, "--resume", "--epochs", epochs,
                    *EXACT)
            report(f"{preset}, resumed", differences(last["before"], resumed / "last.safetensors"))

            masks = {name: folder / preset / f"masks-{name}" for name in programs}
            for name, vnet in programs.items():
                run(vnet, "predict", "--model-dir", models["before"], "--input", data / "imagesTs", "--output",
                    masks[name], *EXACT)
            names = sorted(path.name for path in masks["before"].iterdir())
            _, unequal, missing = filecmp.cmpfiles(masks["before"], masks["after"], names, shallow=False)
            report(f"{preset}, {len(names)} masks", unequal + missing)
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
