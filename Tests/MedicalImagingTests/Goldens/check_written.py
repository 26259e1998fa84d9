"""Has SimpleITK and nibabel read what this program writes, and compares voxels and geometry with formats.json.

    mkdir /tmp/written
    WRITTEN_IMAGES=/tmp/written swift test -c release --filter writesForOthersToRead
    python Tests/MedicalImagingTests/Goldens/check_written.py /tmp/written
"""
import json
import pathlib
import sys

import nibabel as nib
import numpy as np
import SimpleITK as sitk

folder = pathlib.Path(sys.argv[1])
goldens = json.loads((pathlib.Path(__file__).parent / "formats.json").read_text())


def by_nibabel(path):
    image = nib.load(path)
    return image.affine, np.asarray(image.dataobj).ravel(order="F"), image.header.get_data_dtype()


def by_simpleitk(path):
    image = sitk.ReadImage(str(path))
    array = sitk.GetArrayFromImage(image)
    if image.GetNumberOfComponentsPerPixel() > 1:
        array = np.moveaxis(array, -1, 0)
    axes = image.GetDimension()
    affine = np.eye(4)
    affine[:axes, :axes] = np.array(image.GetDirection()).reshape(axes, axes) @ np.diag(image.GetSpacing())
    affine[:axes, 3] = image.GetOrigin()
    if axes > 3:  # channels as a fourth axis
        spatial = np.eye(4)
        spatial[:3, :3] = affine[:3, :3]
        spatial[:3, 3] = affine[:3, 3] if axes == 3 else image.GetOrigin()[:3]
        affine = spatial
    return np.diag([-1, -1, 1, 1]) @ affine, array.ravel(), array.dtype


checked, worst = 0, 0.0
for path in sorted(folder.iterdir()):
    name, _, kind = path.name.partition("__")
    suffix = kind[4:].lower()
    if suffix in (".raw", ".zraw", ".raw.gz", ".img", ".img.gz"):
        continue
    golden = goldens[name]
    count = int(np.prod(golden["size"]))
    expected = np.array([float(value) for value in golden["voxels"].split()], np.float32)
    if kind.startswith("mask"):
        expected = np.arange(count) % 5
    readers = {"SimpleITK": by_simpleitk}
    if suffix.startswith((".nii", ".hdr")):
        readers["nibabel"] = by_nibabel
    if suffix == ".hdr.gz":  # SimpleITK wants the name of the voxels
        path = path.with_name(path.name.removesuffix(".hdr.gz") + ".img.gz")
        readers = {"nibabel": by_nibabel}
    for reader, read in readers.items():
        affine, voxels, dtype = read(path)
        difference = np.abs(affine - np.array(golden["affine"])).max() / max(1, np.abs(golden["affine"]).max())
        worst = max(worst, difference)
        assert difference < 1e-6, (path.name, reader, affine, golden["affine"])
        assert dtype == (np.uint8 if kind.startswith("mask") else np.float32), (path.name, dtype)
        assert voxels.shape == expected.shape and (voxels == expected).all(), (path.name, reader)
        checked += 1
print(f"{checked} readings agree; largest difference of an affine {worst:.1e}")
