"""Makes grids.json: grids in every order of their axes and oblique ones, with their order by nibabel and by SimpleITK, and
the same voxels in the canonical order by nibabel.

    python make_orientation_goldens.py

Each entry: name, size (voxels along i, j, k), affine (three rows of four, voxel to world, RAS, mm), order (the letters of
the directions in which i, j, k grow: nibabel.aff2axcodes, and SimpleITK's DICOMOrientImageFilter, which agree), canonical
(affine, size and voxels, i fastest, of nibabel.as_closest_canonical for the voxels 0, 1, 2, ...), obliqueness (degrees).
Made with nibabel 5 and SimpleITK 2.
"""

import itertools
import json
import pathlib

import nibabel as nib
import numpy as np
import SimpleITK as sitk

FOLDER = pathlib.Path(__file__).parent


def rotation(axis, degrees):
    """Rodrigues' formula."""
    x, y, z = axis / np.linalg.norm(axis)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * k @ k


def entry(name, directions, spacing, origin, size):
    affine = np.eye(4)
    affine[:3, :3] = directions * spacing
    affine[:3, 3] = origin
    order = "".join(nib.aff2axcodes(affine))
    lps = np.diag([-1.0, -1.0, 1.0]) @ directions
    itk = sitk.DICOMOrientImageFilter().GetOrientationFromDirectionCosines(lps.flatten().tolist())
    assert order == itk, (name, order, itk)
    voxels = np.arange(np.prod(size), dtype=np.float32).reshape(size, order="F")
    canonical = nib.as_closest_canonical(nib.Nifti1Image(voxels, affine))
    canonical_voxels = np.asarray(canonical.dataobj)
    cosines = [max(abs(directions[:, axis])) for axis in range(3)]
    return {
        "name": name, "size": list(size), "affine": affine[:3].tolist(), "order": order,
        "obliqueness": float(np.degrees(np.arccos(min(1.0, min(cosines))))),
        "canonicalSize": list(canonical_voxels.shape), "canonicalAffine": canonical.affine[:3].tolist(),
        "canonicalVoxels": [int(v) for v in canonical_voxels.flatten(order="F")],
    }


def main():
    generator = np.random.default_rng(11)
    entries = []
    for rows in itertools.permutations(range(3)):
        for signs in itertools.product([1, -1], repeat=3):
            directions = np.zeros((3, 3))
            for column, row in enumerate(rows):
                directions[row, column] = signs[column]
            entries.append(entry(f"aligned {len(entries)}", directions, [1.0, 1.25, 2.0], [-3.0, 4.5, 10.0], (2, 3, 4)))
    for index in range(24):
        aligned = entries[int(generator.integers(48))]
        directions = np.array(aligned["affine"])[:, :3] / [1.0, 1.25, 2.0]
        turned = rotation(generator.normal(size=3), float(generator.uniform(2, 35))) @ directions
        spacing = generator.uniform(0.5, 4, size=3).round(2)
        origin = generator.uniform(-100, 100, size=3).round(2)
        entries.append(entry(f"oblique {index}", turned, spacing, origin, tuple(int(v) for v in generator.integers(2, 5, 3))))
    (FOLDER / "grids.json").write_text("[\n" + ",\n".join(json.dumps(e) for e in entries) + "\n]\n")
    print(len(entries), "grids, up to", max(e["obliqueness"] for e in entries), "degrees")


main()
