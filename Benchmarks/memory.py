"""Measures the memory of prediction and validation: of a cohort in which every scan has its own shape, against that of its
largest scan alone.

Usage: python3 memory.py [--vnet .build/release/vnet] [--scans 200] [--filters 16] [--limit 1.3] [--options "--threads 1"]

Scans are spheres in noise with 24 to 88 voxels along each axis, in steps of 8, the stride of the accurate network: no two
of them fit one executable. The peak is that of the process's resident memory:

    predict   vnet predict of all scans, and of the largest alone
    validate  one epoch of vnet train that validates all scans but a few, and one where every scan is of the largest's shape;
              prepared scans are not kept in memory (--cache-memory 0)
    evaluate  vnet evaluate of the same

Ends with status 1 where a ratio exceeds --limit.
"""

import argparse
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

LARGEST = (88, 88, 88)
EXTENTS = range(24, 89, 8)
# Intensities outside and inside the sphere, of a random byte.
OUTSIDE = bytes(value >> 2 for value in range(256))
INSIDE = bytes((value >> 2) + 100 for value in range(256))


def header(shape):
    """A NIfTI-1 header of unsigned bytes, 1 mm, with its empty extension."""
    result = bytearray(352)
    struct.pack_into("<i", result, 0, 348)
    struct.pack_into("<8h", result, 40, 3, *shape, 1, 1, 1, 1)
    struct.pack_into("<2h", result, 70, 2, 8)
    struct.pack_into("<8f", result, 76, *[1.0] * 8)
    struct.pack_into("<2f", result, 108, 352.0, 1.0)
    result[123] = 2
    struct.pack_into("<2h", result, 252, 1, 0)
    result[344:348] = b"n+1\0"
    return bytes(result)


def write_case(data, name, shape, generator):
    """A sphere that fills two thirds of the scan along each axis, its upper half the second class."""
    (i, j, k), scan, mask = shape, [header(shape)], [header(shape)]
    for z in range(k):
        for y in range(j):
            rest = 1 - ((z - k / 2) / (k / 3)) ** 2 - ((y - j / 2) / (j / 3)) ** 2
            half = int(i / 3 * rest ** 0.5) if rest > 0 else 0
            start, count = i // 2 - half, 2 * half
            noise = generator.randbytes(i)
            scan.append(noise[:start].translate(OUTSIDE) + noise[start:start + count].translate(INSIDE)
                        + noise[start + count:].translate(OUTSIDE))
            mask.append(bytes(start) + bytes([1 if z < k / 2 else 2]) * count + bytes(i - start - count))
    (data / "imagesTr" / name).write_bytes(b"".join(scan))
    (data / "labelsTr" / name).write_bytes(b"".join(mask))


def write_dataset(data, shapes, generator):
    for folder in ("imagesTr", "labelsTr"):
        (data / folder).mkdir(parents=True)
    names = [f"scan_{index:03}.nii" for index in range(len(shapes))]
    for name, shape in zip(names, shapes):
        write_case(data, name, shape, generator)
    (data / "dataset.json").write_text(json.dumps({
        "name": "spheres", "modality": {"0": "MRI"}, "labels": {"0": "background", "1": "Lower", "2": "Upper"},
        "numTraining": len(names), "numTest": 0, "test": [],
        "training": [{"image": f"./imagesTr/{name}", "label": f"./labelsTr/{name}"} for name in names],
    }))
    return data


def peak(command):
    """Runs a command; the peak of its resident memory in MiB."""
    words = [str(word) for word in command]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"memory: {' '.join(words)} failed: {errors.strip()}")
    return usage.ru_maxrss / 1024


def measure(vnet, data, model, options):
    """The peaks of training with validation, of evaluation and of prediction, in MiB."""
    more = options.options.split()
    train = [vnet, "train", "--data-dir", data, "--model-dir", model, "--preset", "accurate", "--filters",
             options.filters, "--input-shape", 24, 24, 24, "--batch-size", 1, "--epochs", 1, "--train-split",
             options.train_share, "--cache-memory", 0, *more]
    validate = peak(train)
    return {
        "validate": validate,
        "evaluate": peak([vnet, "evaluate", "--data-dir", data, "--model-dir", model, *more]),
        "predict": peak([vnet, "predict", "--model-dir", model, "--input", data / "imagesTr", "--output",
                         model / "masks", *more]),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--scans", type=int, default=200)
    parser.add_argument("--filters", type=int, default=16)
    parser.add_argument("--limit", type=float, default=1.3)
    parser.add_argument("--options", default="", help="more options of every command of vnet")
    options = parser.parse_args()
    generator = random.Random(0)
    shapes = [(i, j, k) for i in EXTENTS for j in EXTENTS for k in EXTENTS if (i, j, k) != LARGEST]
    shapes = [LARGEST] + generator.sample(shapes, options.scans - 1)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        # Two cases train in either data set.
        options.train_share = 2 / len(shapes)
        many = measure(options.vnet, write_dataset(folder / "many", shapes, generator), folder / "m", options)
        options.train_share = 0.5
        one = measure(options.vnet, write_dataset(folder / "one", [LARGEST] * 4, generator), folder / "o", options)
    print(f"{len(shapes)} scans of as many shapes, {options.filters} filters, peak memory in MiB")
    for name in many:
        print(f"{name}  all {many[name]:.0f}  the largest {one[name]:.0f}  ratio {many[name] / one[name]:.2f}")
    if any(many[name] > options.limit * one[name] for name in many):
        sys.exit(1)


if __name__ == "__main__":
    main()
