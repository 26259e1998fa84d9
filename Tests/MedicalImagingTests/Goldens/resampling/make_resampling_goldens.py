"""Makes synthetic.json and hippocampus.json: what SimpleITK's ResampleImageFilter gives.

Run from this folder with SimpleITK and numpy installed, the data set in the Decathlon's form:
python make_resampling_goldens.py path/to/Task04_Hippocampus

Arrays are in the order of the file: i fastest, then j, k, channel. Samples that SimpleITK takes to lie outside the
input are null, and so are labels halfway between two voxels, which it decides by rounding errors.
hippocampus.json keeps a few samples of each scan (Medical Segmentation Decathlon, Task04, CC-BY-SA 4.0), by their
position in the resampled array.
"""
import json
import pathlib
import sys

import numpy as np
import SimpleITK as sitk

here = pathlib.Path(__file__).parent
OUTSIDE = -1e9


def resampled_by(image, interpolator, size, reference=None):
    """On a grid of another size over the same space, or onto the grid of a reference."""
    if reference is None:
        spacing = [s * a / b for s, a, b in zip(image.GetSpacing(), image.GetSize(), size)]
    else:
        spacing = reference.GetSpacing()
    default = OUTSIDE if interpolator == sitk.sitkLinear else 255
    return sitk.Resample(
        image, size, sitk.Transform(), interpolator, image.GetOrigin(), spacing, image.GetDirection(), default,
        image.GetPixelID())


def values(image):
    flat = sitk.GetArrayFromImage(image).ravel()
    outside = OUTSIDE if flat.dtype == np.float32 else 255
    return [None if v == outside else float(v) if flat.dtype == np.float32 else int(v) for v in flat]


def affine(image):
    """Voxel to world, world axes to Right, Anterior, Superior (SimpleITK's go to Left, Posterior, Superior)."""
    direction = np.reshape(image.GetDirection(), (3, 3))
    matrix = np.c_[direction * np.asarray(image.GetSpacing()), image.GetOrigin()]
    return (np.diag([-1, -1, 1]) @ matrix).tolist()


def oblique(image, spacing):
    a, b = np.radians(20), np.radians(-15)
    z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    image.SetSpacing(spacing)
    image.SetOrigin((-31.5, 12.25, 7))
    image.SetDirection((z @ x).ravel().tolist())
    return image


def synthetic():
    rng = np.random.default_rng(4)
    cases = []
    for name, size, new, channels, spacing in [
        ("smaller", (7, 9, 5), (4, 4, 4), 1, (1, 1, 1)),
        ("larger", (5, 4, 6), (7, 6, 8), 2, (0.7, 1.3, 2.5)),
        ("mixed", (6, 3, 5), (4, 5, 5), 3, (0.9, 0.9, 3)),
        ("beyond the edge", (3, 2, 4), (9, 4, 10), 1, (1, 2, 0.5)),
        ("single slice", (5, 4, 1), (4, 6, 1), 1, (1, 1, 5)),
    ]:
        data = np.round(rng.normal(100, 40, (channels, *size[::-1])), 2).astype(np.float32)
        labels = rng.integers(0, 4, size[::-1]).astype(np.uint8)
        images = [oblique(sitk.GetImageFromArray(c), spacing) for c in data]
        resampled = [resampled_by(image, sitk.sitkLinear, new) for image in images]
        back = [resampled_by(r, sitk.sitkLinear, size, i) for r, i in zip(resampled, images)]
        mask = oblique(sitk.GetImageFromArray(labels), spacing)
        # What is null outside cannot be resampled back.
        reversible = all(v is not None for r in resampled for v in values(r))
        cases.append(dict(
            name=name, size=size, newSize=new, channelCount=channels, spacing=spacing, affine=affine(images[0]),
            newSpacing=resampled[0].GetSpacing(), newAffine=affine(resampled[0]),
            voxels=data.ravel().astype(float).round(2).tolist(),
            resampled=[v for r in resampled for v in values(r)],
            back=[v for b in back for v in values(b)] if reversible else None,
            labels=labels.ravel().tolist(),
            resampledLabels=[
                None if tie else label for tie, label in
                zip(has_tie(size, new).tolist(), values(resampled_by(mask, sitk.sitkNearestNeighbor, new)))]))
    return cases


def has_tie(size, new):
    """Where some coordinate i * size / new is halfway between two voxels, by exact arithmetic."""
    halves = [np.array([2 * i * a % (2 * b) == b for i in range(b)]) for a, b in zip(size, new)]
    return (halves[2][:, None, None] | halves[1][None, :, None] | halves[0][None, None, :]).ravel()


def hippocampus(folder, count=6, samples=50):
    rng = np.random.default_rng(32)
    new = (32, 32, 32)
    names = sorted(p.name for p in (folder / "labelsTr").glob("[!.]*.nii.gz"))
    cases = []
    for name in names[:: len(names) // count][:count]:
        scan = sitk.ReadImage(str(folder / "imagesTr" / name), sitk.sitkFloat32)
        mask = sitk.ReadImage(str(folder / "labelsTr" / name), sitk.sitkUInt8)
        linear = resampled_by(scan, sitk.sitkLinear, new)
        nearest = np.array(values(resampled_by(mask, sitk.sitkNearestNeighbor, new)))
        back = resampled_by(linear, sitk.sitkLinear, scan.GetSize(), scan)
        at = np.sort(rng.choice(32**3, samples, replace=False))
        sure = ~has_tie(scan.GetSize(), new)
        inside = np.flatnonzero(sure & (nearest > 0))
        at_labels = np.sort(np.r_[rng.choice(inside, samples // 2, replace=False),
                                  rng.choice(np.flatnonzero(sure), samples // 2, replace=False)])
        at_back = np.sort(rng.choice(int(np.prod(scan.GetSize())), samples, replace=False))
        cases.append(dict(
            name=name.removesuffix(".nii.gz"), size=scan.GetSize(), newSize=new,
            at=at.tolist(), linear=[values(linear)[p] for p in at],
            atLabels=at_labels.tolist(), nearest=nearest[at_labels].tolist(),
            atBack=at_back.tolist(), back=[values(back)[p] for p in at_back]))
    return cases


def write(name, cases):
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (here / name).write_text(f"[\n{lines}\n]\n")


write("synthetic.json", synthetic())
write("hippocampus.json", hippocampus(pathlib.Path(sys.argv[1])))
