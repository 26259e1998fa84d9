#!/usr/bin/env python3
"""Gives the same damaged NIfTI files to vnet, nibabel, SimpleITK (nnU-Net's reader) and MONAI, and counts what they do.

    python3 Tests/Torture/peers.py [--files 600] [--seed 1] [--python PYTHON] [--vnet .build/release/vnet]

PYTHON is one that has nibabel, SimpleITK and monai; a reader that it lacks is left out and said. Every reader has 4 GiB of
address space and 20 s for each file. Outcomes:

    read     voxels come back
    refused  an exception, or of vnet a sentence and an exit status
    crash    the process dies
    hang     nothing after 20 s
    wrong    voxels come back though the file does not hold them any more (it was cut, or its compressed data were hit), or
             with a geometry that is none: a spacing or a transform that is zero, negative, infinite or not a number

vnet reads a file by `vnet predict` with a tiny model; a mask that is written counts as read.
"""

import argparse
import gzip
import json
import math
import os
import pathlib
import random
import resource
import select
import struct
import subprocess
import sys
import tempfile
import zlib

from trial import Bench

SHAPE = (24, 20, 16)
READERS = {"nibabel": "nibabel", "nnU-Net (SimpleITK)": "SimpleITK", "MONAI": "monai"}

# Reads files named on the standard input; a line of JSON for each.
WORKER = r'''
import hashlib, json, sys
import numpy
kind = sys.argv[1]
if kind == "nibabel":
    import nibabel
    def read(path):
        image = nibabel.load(path)
        return image.get_fdata(dtype=numpy.float32), image.affine
elif kind == "SimpleITK":
    import SimpleITK
    def read(path):
        image = SimpleITK.ReadImage(path)
        voxels = SimpleITK.GetArrayFromImage(image).astype(numpy.float32)
        size = image.GetDimension()
        direction = numpy.array(image.GetDirection()).reshape(size, size)[:3, :3]
        affine = numpy.eye(4)
        affine[:3, :3] = direction * numpy.array(image.GetSpacing()[:3])
        affine[:3, 3] = image.GetOrigin()[:3]
        return voxels.T, affine
else:
    from monai.transforms import LoadImage
    load = LoadImage(image_only=True)
    def read(path):
        image = load(path)
        return numpy.asarray(image, dtype=numpy.float32), numpy.asarray(image.affine)
print("ready", flush=True)
for line in sys.stdin:
    try:
        voxels, affine = read(line.rstrip("\n"))
        finite = bool(numpy.isfinite(affine).all()) and abs(float(numpy.linalg.det(affine[:3, :3]))) > 0
        digest = hashlib.sha256(numpy.asfortranarray(voxels).tobytes("F")).hexdigest()
        print(json.dumps({"digest": digest, "geometry": finite}), flush=True)
    except BaseException as error:
        print(json.dumps({"error": type(error).__name__}), flush=True)
'''


# --- Files -------------------------------------------------------------------------------------------------------------

EXTREMES = [0.0, -1.0, math.nan, math.inf, -math.inf, 1e30, 1e-40]


def original(generator):
    """A NIfTI-1 file of int16 voxels with a transform."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *SHAPE, 1, 1, 1, 1)
    struct.pack_into("<hh", header, 70, 4, 16)
    struct.pack_into("<8f", header, 76, 1, 1, 1.5, 2, 0, 0, 0, 0)
    struct.pack_into("<3f", header, 108, 352, 1, 0)
    header[123] = 2
    struct.pack_into("<hh", header, 252, 1, 1)
    struct.pack_into("<12f", header, 280, 1, 0, 0, -9, 0, 1.5, 0, -8, 0, 0, 2, -7)
    header[344:348] = b"n+1\0"
    count = SHAPE[0] * SHAPE[1] * SHAPE[2]
    return bytes(header), struct.pack(f"<{count}h", *(generator.randrange(-100, 900) for _ in range(count)))


def damaged(generator, header, voxels):
    """The bytes of a damaged file, whether it is compressed, and whether it still holds all of the voxels."""
    header, packs = bytearray(header), generator.random() < 0.5
    kind = generator.randrange(6)
    if kind == 0:
        struct.pack_into("<h", header, 40 + 2 * generator.randrange(8), generator.choice([0, -1, -32768, 32767, 7, 3000]))
    elif kind == 1:
        for _ in range(generator.randint(1, 3)):
            offset = generator.choice([76, 80, 84, 88, 108, 112, 116, *range(256, 328, 4)])
            struct.pack_into("<f", header, offset, generator.choice(EXTREMES))
    elif kind == 2:
        for _ in range(generator.randint(1, 4)):
            header[generator.randrange(352)] = generator.randrange(256)
    elif kind == 3:
        struct.pack_into("<h", header, generator.choice([70, 72, 252, 254]), generator.choice([0, -1, 1, 128, 1792, 2304, 9999]))
    plain = bytes(header) + voxels
    content = gzip.compress(plain, 6, mtime=0) if packs else plain
    if kind == 4:
        content = content[: generator.randrange(1, len(content))]
    elif kind == 5:
        content = bytearray(gzip.compress(plain, 6, mtime=0))
        packs = True
        for _ in range(generator.randint(1, 3)):
            content[generator.randrange(12, len(content))] ^= 1 << generator.randrange(8)
        content = bytes(content)
    return content, packs, kind < 4 or holds(content, packs, plain)


def holds(content, packs, plain):
    """Whether a file decodes, with its checksum, to what was stored."""
    if not packs:
        return content == plain
    try:
        return gzip.decompress(content) == plain
    except (OSError, EOFError, zlib.error):
        return False


# --- Readers -----------------------------------------------------------------------------------------------------------


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


class Peer:
    """A reader in a process of its own, started anew where it died or hung."""

    def __init__(self, python, module):
        self.python, self.module = python, module
        self.start()
        self.original = None

    def start(self):
        self.process = subprocess.Popen([self.python, "-c", WORKER, self.module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, preexec_fn=limit_memory)
        if self.process.stdout.readline().strip() != "ready":
            raise ImportError(self.module)

    def read(self, path):
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        ready = select.select([self.process.stdout], [], [], 20)[0]
        line = self.process.stdout.readline() if ready else ""
        if line:
            return json.loads(line)
        self.process.kill()
        self.process.wait()
        self.start()
        return {"died": "crash" if ready else "hang"}

    def outcome(self, path, is_whole):
        answer = self.read(path)
        if "died" in answer:
            return answer["died"]
        if "error" in answer:
            return "refused"
        is_other = not is_whole and answer["digest"] != self.original["digest"]
        return "wrong" if is_other or not answer["geometry"] else "read"


class Own:
    """vnet, a process for each file."""

    def __init__(self, bench):
        self.bench = bench

    def outcome(self, path, is_whole):
        output = self.bench.folder / "mask"
        words = self.bench.words("predict", "--model-dir", self.bench.model, "--input", path, "--output", output,
                                 "--device", "cpu", "--threads", "1", "--format", ".nii")
        mask = output / (path.name.split(".")[0] + ".nii")
        mask.unlink(missing_ok=True)
        try:
            run = subprocess.run(words, capture_output=True, text=True, timeout=20, env=self.bench.environment(),
                                 preexec_fn=limit_memory)
        except subprocess.TimeoutExpired:
            return "hang"
        if run.returncode < 0 or "Fatal error" in run.stderr:
            return "crash"
        if run.returncode != 0 or not mask.exists():
            return "refused"
        return "read" if is_whole and has_geometry(mask.read_bytes()) else "wrong"


def has_geometry(content):
    """Whether a NIfTI-1 file's spacing and transform are finite, and the transform can be inverted."""
    spacing = struct.unpack_from("<3f", content, 80)
    rows = struct.unpack_from("<12f", content, 280)
    is_transform = struct.unpack_from("<h", content, 254)[0] == 0 or all(map(math.isfinite, rows)) and any(rows)
    return all(math.isfinite(step) and step > 0 for step in spacing) and is_transform


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--vnet", type=pathlib.Path, default=pathlib.Path(".build/release/vnet"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        folder = pathlib.Path(folder)
        bench = Bench(options.vnet.resolve(), options.vnet.resolve().parent, folder)
        bench.prepare()
        readers = {"vnet": Own(bench)}
        for name, module in READERS.items():
            try:
                readers[name] = Peer(options.python, module)
            except ImportError:
                print(f"{name}: {options.python} does not have it; left out", flush=True)
        print(table(counts(readers, folder, options), options))


def counts(readers, folder, options):
    """How often each reader had each outcome."""
    generator = random.Random(options.seed)
    header, voxels = original(generator)
    whole = folder / "whole.nii"
    whole.write_bytes(header + voxels)
    for name, reader in readers.items():
        if isinstance(reader, Peer):
            reader.original = reader.read(whole)
            assert "digest" in reader.original, f"{name} does not read the file before it is damaged"
    result = {name: dict.fromkeys(["read", "refused", "crash", "hang", "wrong"], 0) for name in readers}
    for index in range(options.files):
        content, packs, is_whole = damaged(generator, header, voxels)
        path = folder / f"file{index}.nii{'.gz' if packs else ''}"
        path.write_bytes(content)
        for name, reader in readers.items():
            result[name][reader.outcome(path, is_whole)] += 1
        path.unlink()
    return result


def table(result, options):
    lines = [f"| {options.files} files, seed {options.seed} | read | refused | crash | hang | wrong |", "| --- " * 6 + "|"]
    for name, outcomes in result.items():
        lines.append(f"| {name} | " + " | ".join(str(count) for count in outcomes.values()) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
