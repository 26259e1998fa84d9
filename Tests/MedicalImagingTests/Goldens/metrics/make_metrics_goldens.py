"""Makes masks.json and soft_dice.json: metrics by brute force, every distance of every pair of surface voxels; and
distances.json: SciPy's Euclidean distance transform.

Run from this folder with numpy and scipy installed: python make_metrics_goldens.py

Masks are strings of one digit a voxel, i fastest. Absent classes are named as Measured writes them.
"""
import json
import pathlib

import numpy as np
from scipy import ndimage
from scipy.spatial.distance import cdist

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(95)


def surface(mask, spacing):
    """Centres of border voxels in mm: 6-neighbourhood, outside the grid counts as background."""
    border = mask & ~ndimage.binary_erosion(mask, ndimage.generate_binary_structure(3, 1), border_value=0)
    return np.argwhere(border) * np.asarray(spacing)


def metrics(prediction, truth, spacing):
    volume = float(np.prod(spacing))
    result = dict(predictedVolume=volume * int(prediction.sum()), trueVolume=volume * int(truth.sum()))
    figures = ("dice", "hausdorff95", "averageSurfaceDistance", "normalizedSurfaceDice")
    if not truth.any():
        return result | dict.fromkeys(figures, "absent in truth" if prediction.any() else "absent")
    if not prediction.any():
        return result | dict.fromkeys(figures, "absent in prediction") | dict(
            dice=0.0, normalizedSurfaceDice=0.0)
    distances = cdist(surface(prediction, spacing), surface(truth, spacing))
    forward, backward = distances.min(1), distances.min(0)
    return result | dict(
        dice=2 * float((prediction & truth).sum()) / float(prediction.sum() + truth.sum()),
        hausdorff95=max(np.percentile(forward, 95), np.percentile(backward, 95)),
        averageSurfaceDistance=float(np.r_[forward, backward].mean()),
        normalizedSurfaceDice=float((np.r_[forward, backward] <= 1).mean()))


def blobs(size, classes, smoothness=2.0):
    noise = np.stack([ndimage.gaussian_filter(rng.normal(size=size), smoothness) for _ in range(classes)])
    return noise.argmax(0)


def box(size, label, *ranges):
    mask = np.zeros(size, int)
    mask[tuple(slice(*r) for r in ranges)] = label
    return mask


def cases():
    yield "blobs", (1.0, 1.0, 1.0), blobs((12, 10, 9), 4), blobs((12, 10, 9), 4)
    truth = blobs((24, 20, 14), 3, 3)
    yield "alike", (0.8, 0.8, 2.5), np.where(rng.random(truth.shape) < 0.03, 1, truth), truth
    yield "specks", (0.5, 3.0, 1.25), *(np.where(rng.random((9, 8, 7)) < 0.02, 1, 0) for _ in range(2))
    yield "same", (1.5, 1.0, 2.0), *[blobs((8, 8, 8), 2)] * 2
    yield ("inside", (1.0, 2.0, 3.0), box((11, 11, 11), 1, (4, 7), (4, 7), (4, 7)),
           box((11, 11, 11), 1, (1, 10), (1, 10), (1, 10)))
    yield ("whole grid", (1.0, 1.0, 4.0), box((6, 5, 4), 1, (0, 6), (0, 5), (0, 4)),
           box((6, 5, 4), 1, (2, 3), (2, 3), (1, 2)))
    yield ("corners", (0.7, 1.1, 1.9), box((15, 4, 13), 1, (0, 1), (0, 1), (0, 1)),
           box((15, 4, 13), 1, (14, 15), (3, 4), (12, 13)))
    yield ("absent", (1.0, 1.0, 1.0), box((5, 5, 5), 1, (0, 2), (0, 2), (0, 2)),
           box((5, 5, 5), 2, (1, 3), (1, 3), (1, 3)))
    yield "one slice", (1.2, 0.9, 5.0), blobs((16, 15, 1), 3), blobs((16, 15, 1), 3)


def digits(mask):
    return "".join(map(str, mask.ravel(order="F")))


def masks():
    for name, spacing, prediction, truth in cases():
        labels = range(1, 4)
        yield dict(
            name=name, size=truth.shape, spacing=spacing, prediction=digits(prediction), truth=digits(truth),
            metrics=[metrics(prediction == label, truth == label, spacing) for label in labels])


def soft_dice():
    """Probabilities [D, H, W, classes], labels [D, H, W]; the last class is nowhere in the truth."""
    scores = rng.normal(size=(4, 3, 5, 4))
    probabilities = (np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)).astype(np.float32)
    labels = rng.integers(0, 3, (4, 3, 5))
    truth = np.eye(4)[labels]
    p = probabilities.astype(float)
    dice = (2 * (p * truth).sum((0, 1, 2)) + 1e-6) / (p.sum((0, 1, 2)) + truth.sum((0, 1, 2)) + 1e-6)
    return dict(
        probabilities=p.ravel().tolist(), labels=labels.ravel().tolist(), classCount=4, softDice=dice.tolist())


def distances():
    """From every voxel to the nearest marked one, in mm; marked as a digit a voxel, distances i fastest."""
    for size, spacing, share in [
        ((9, 7, 6), (1.0, 1.0, 1.0), 0.02), ((11, 6, 8), (0.3, 2.5, 1.7), 0.01), ((6, 8, 5), (3.0, 0.9, 9.0), 0.3),
        ((1, 13, 9), (4.0, 0.5, 1.1), 0.05), ((17, 1, 1), (0.7, 1.0, 1.0), 0.1),
    ]:
        marked = rng.random(size) < share
        marked.flat[0] = True
        transform = ndimage.distance_transform_edt(~marked, sampling=spacing)
        yield dict(
            size=size, spacing=spacing, marked=digits(marked.astype(int)),
            distances=transform.ravel(order="F").tolist())


def write_lines(name, cases):
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (here / name).write_text(f"[\n{lines}\n]\n")


write_lines("masks.json", masks())
(here / "soft_dice.json").write_text(json.dumps(soft_dice(), separators=(",", ":")) + "\n")
write_lines("distances.json", distances())
