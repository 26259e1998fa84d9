#!/usr/bin/env python3
"""Segments a NIfTI scan by a model that `vnet export` wrote, with ONNX Runtime and nothing of vnet's.

    python3 onnx_predict.py model.onnx mask.nii.gz scan.nii.gz [file of the next channel ...]

Needs numpy, scipy, nibabel and onnxruntime. docs/EXPORT.md tells what the metadata's names mean.
"""
import itertools
import json
import sys

import nibabel as nib
import numpy as np
import onnxruntime
from scipy import ndimage


def resampled(x, shape):
    """Linear, axis after axis; sample i lies at i * input / output, clamped to the last voxel."""
    for axis, count in enumerate(shape):
        at = np.minimum(np.arange(count) * x.shape[axis] / count, x.shape[axis] - 1)
        low = at.astype(int)
        weight = (at - low).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(x.ndim)])
        a, b = np.take(x, low, axis), np.take(x, np.minimum(low + 1, x.shape[axis] - 1), axis)
        x = a + weight * (b - a)
    return x


def normalised(x, how):
    x = x.astype(np.float64)
    if how["kind"] == "clip":
        return (np.clip(x, how["lower"], how["upper"]) - how["mean"]) / (how["deviation"] or np.inf)
    if how["kind"] == "z_score":
        return (x - x.mean()) / (x.std() or np.inf)
    corners = [x[i, j, k] for k in (0, -1) for j in (0, -1) for i in (0, -1)]
    outside = x == max(corners, key=corners.count)
    inside = x[~outside] if not outside.all() else np.zeros(1)
    return np.where(outside, 0, (x - inside.mean()) / (inside.std() or np.inf))


def windows(extent, window):
    """Where the windows of an axis begin, and the weight of each of their voxels."""
    room = extent - window
    steps = -(-2 * room // window)
    starts = [(i * room + steps // 2) // steps if steps else 0 for i in range(steps + 1)]
    gauss = np.exp(-(((np.arange(window) - (window - 1) / 2) / (window / 8)) ** 2) / 2)
    return starts, np.ones(window) if steps == 0 else gauss


def probabilities(network, image, about):
    """[i, j, k, outputs] of an image [i, j, k, channels] on the model's grid."""
    run = lambda x: np.moveaxis(network.run(None, {"image": np.moveaxis(x, 3, 0)[None].copy()})[0][0], 0, 3)
    extents, stride = image.shape[:3], about["stride"]
    size, given = about["input_shape"], about["output_shape"]
    if "spacing" in about:
        whole = [-(-n // stride) * stride for n in extents]
        if np.prod(whole) <= about.get("whole_scan_limit", 0) and max(whole) <= about["largest_extent"]:
            size = given = whole
        image = np.pad(image, [(0, max(0, s - n)) for n, s in zip(extents, size)] + [(0, 0)])
        axes = [windows(n, s) for n, s in zip(image.shape, size)]
    else:
        axes = [([min(t, n - s) for t in range(0, n, s)], np.ones(s)) for n, s in zip(extents, given)]
        margin = [((s - g) // 2, (s - g) // 2) for s, g in zip(size, given)] + [(0, 0)]
        image = np.pad(image, margin, mode="reflect")
    shape = image.shape[:3] if "spacing" in about else extents
    total = np.zeros(tuple(shape) + (len(about["outputs"]),), np.float32)
    weights = np.zeros(tuple(shape) + (1,), np.float32)
    weight = np.einsum("i,j,k->ijk", *[a[1] for a in axes]).astype(np.float32)[..., None]
    for origin in itertools.product(*[a[0] for a in axes]):
        taken = tuple(slice(o, o + s) for o, s in zip(origin, size))
        put = tuple(slice(o, o + g) for o, g in zip(origin, given))
        if "spacing" not in about:  # Of overlapping tiles the last stays.
            total[put], weights[put] = 0, 0
        total[put] += weight * run(image[taken])
        weights[put] += weight
    return (total / weights)[tuple(slice(n) for n in extents)]


def main(model, output, *paths):
    network = onnxruntime.InferenceSession(model)
    about = json.loads(network.get_modelmeta().custom_metadata_map["vnet"])
    scans = [nib.load(path) for path in paths]
    order = nib.io_orientation(scans[0].affine) if about["orientation"] == "RAS" else np.array([[0, 1], [1, 1], [2, 1]])
    stored = np.concatenate([np.asarray(s.dataobj, np.float32).reshape(s.shape[:3] + (-1,)) for s in scans], 3)
    scan = nib.orientations.apply_orientation(stored, order)
    if "nan_as" in about:
        scan = np.where(np.isnan(scan), about["nan_as"], scan)
    shape, spacing = scan.shape[:3], np.abs(scans[0].header.get_zooms()[:3])[np.argsort(order[:, 0])]
    grid = about.get("grid") or [max(1, int(n * s / t + 0.5)) for n, s, t in zip(shape, spacing, about["spacing"])]
    image = resampled(scan, grid)
    channels = [normalised(image[..., c], channel["normalization"]) for c, channel in enumerate(about["channels"])]
    chances = resampled(probabilities(network, np.stack(channels, 3).astype(np.float32), about), shape)
    values = np.array([o["value"] for o in about["outputs"]])
    if about["decision"] == "argmax":
        mask = values[chances.argmax(3)]
    else:
        mask = np.zeros(shape, int)
        for index, value in enumerate(values):
            mask[chances[..., index] > 0.5] = value
    if about["keep_largest"] and about["decision"] != "argmax":
        sys.exit(f"{model}: keeps the largest component of a region, which this example does not show.")
    for name in about["keep_largest"]:
        value = next(o["value"] for o in about["outputs"] if o["name"] == name)
        parts, count = ndimage.label(mask == value, np.ones((3, 3, 3)))
        sizes = np.bincount(parts.ravel())[1:]
        mask[(parts > 0) & (parts != 1 + sizes.argmax() if count else False)] = 0
    back = nib.orientations.ornt_transform(np.array([[0, 1], [1, 1], [2, 1]]), order)
    mask = nib.orientations.apply_orientation(mask.astype(np.uint8), back)
    header = scans[0].header.copy()
    header.set_data_dtype(np.uint8)
    nib.save(nib.Nifti1Image(mask, scans[0].affine, header), output)


if __name__ == "__main__":
    main(*sys.argv[1:])
