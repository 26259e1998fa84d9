"""Measures the memory of predicting scans of growing size, in bytes per voxel beside the network.

Usage: python3 scan_memory.py [--vnet .build/release/vnet] [--extents 112 160 192] [--type uint8] [--ending .nii.gz]
           [--field 32] [--limit 6] [--options "--threads 1"]

Trains a tiny model by windows (accurate, 4 filters), then predicts cubes of each extent, blocks of noise in a NIfTI file,
in a process each. The peak of resident memory over the smallest scan's, divided by the voxels that are more, is what a
voxel takes: the network, its window and the program are in all of them (the smallest has more than the 2^20 voxels that are predicted
at once). The model's spacing is 1 mm. With --field the scans
have so many mm along each axis, and are one and the same grid for the network: quick, but then none of it grows. Planes across the first axis that are under way take
memory by the square of the extent and count, too. Ends with status 1 where a scan takes more than --limit.
"""

import argparse
import gzip
import pathlib
import struct
import subprocess
import sys
import tempfile

import memory

# Of each type of voxels: its code in NIfTI, and that of Python's struct.
TYPES = {"uint8": (2, "B"), "int16": (4, "h"), "int32": (8, "i"), "float32": (16, "f"), "float64": (64, "d"),
         "int64": (1024, "q"), "uint64": (1280, "Q")}


def write_scan(path, extent, type_name, order, spacing):
    """Blocks of noise, whose intensities repeat: its compression is quick, and its length hints at nothing."""
    code, letter = TYPES[type_name]
    width = struct.calcsize(f"<{letter}")
    header = bytearray(memory.header((extent,) * 3))
    struct.pack_into("<2h", header, 70, code, 8 * width)
    struct.pack_into("<3f", header, 80, spacing, spacing, spacing)
    if order == "reversed":
        struct.pack_into("<2h", header, 252, 0, 1)
        struct.pack_into("<12f", header, 280, 0, 0, spacing, 0, 0, spacing, 0, 0, spacing, 0, 0, 0)
    row = bytes((value * 37) % 63 for value in range(251))
    block = (row * (extent * extent // len(row) + 1))[: extent * extent]
    plane = struct.pack(f"<{len(block)}{letter}", *block)
    with gzip.open(path, "wb", compresslevel=1) if path.suffix == ".gz" else open(path, "wb") as file:
        file.write(header)
        for _ in range(extent):
            file.write(plane)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--extents", type=int, nargs="+", default=[112, 160, 192])
    parser.add_argument("--type", choices=TYPES, default="uint8")
    parser.add_argument("--ending", choices=[".nii.gz", ".nii"], default=".nii.gz", help="of the scan and its mask")
    parser.add_argument("--field", type=float, help="of the scans in mm (as many as voxels)")
    parser.add_argument("--order", choices=["stored", "reversed"], default="stored", help="of the axes: RAS or SAR")
    parser.add_argument("--limit", type=float, default=6)
    parser.add_argument("--options", default="--threads 1")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        more = options.options.split()
        run = [options.vnet, "phantom", "--output", folder / "data", "--cases", "3"]
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
        train = [options.vnet, "train", "--data-dir", folder / "data", "--model-dir", folder / "model", "--preset", "accurate",
                 "--filters", "2", "--input-shape", "48", "48", "48", "--batch-size", "1", "--epochs", "1",
                 "--steps-per-epoch", "1", *more]
        memory.peak(train)
        peaks = []
        for extent in options.extents:
            scan = folder / f"scan{extent}{options.ending}"
            write_scan(scan, extent, options.type, options.order,
                       options.field / extent if options.field else 1)
            peaks.append(memory.peak([options.vnet, "predict", "--model-dir", folder / "model", "--input", scan, "--output",
                                      folder / "masks", *more]))
            scan.unlink()
            print(f"{extent}^3 {options.type}, {options.order}, {options.ending}: {peaks[-1]:.0f} MiB", flush=True)
        counts = [extent ** 3 for extent in options.extents]
        worst = max((peak - peaks[0]) * 2 ** 20 / (count - counts[0]) for peak, count in zip(peaks[1:], counts[1:]))
    print(f"{worst:.2f} bytes per voxel; the limit is {options.limit}")
    if worst > options.limit:
        sys.exit(1)


if __name__ == "__main__":
    main()
