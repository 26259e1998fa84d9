"""Makes the NIfTI files in nifti/ and, in nifti.json, what nibabel reads from them.

Run from this folder with nibabel and numpy installed: python make_nifti_goldens.py
"""
import gzip
import json
import pathlib

import nibabel as nib
import numpy as np
from nibabel.nifti1 import Nifti1Extension

folder = pathlib.Path(__file__).parent / "nifti"
folder.mkdir(exist_ok=True)
for old in folder.iterdir():
    old.unlink()
rng = np.random.default_rng(2026)
SHAPE = (4, 3, 2)
expected = {}


def rotation(axis, degrees):
    axis = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    angle = np.radians(degrees)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def affine(matrix, spacing, origin):
    result = np.eye(4)
    result[:3, :3] = matrix @ np.diag(spacing)
    result[:3, 3] = origin
    return result


OBLIQUE = affine(rotation([1, 2, 3], 20), [0.9, 1.1, 1.25], [-30.5, 12.25, 7.0])


def values(dtype, shape=SHAPE):
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        data = rng.normal(0, 1000, shape).astype(dtype)
    else:
        info = np.iinfo(dtype)
        data = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
        data.flat[0], data.flat[1] = info.min, info.max
    return data


def record(name, method1=False):
    path = folder / name
    image = nib.load(path)
    header = image.header
    matrix = image.affine
    if method1:  # nifti1.h, method 1; nibabel centres and flips instead
        matrix = np.diag(list(header["pixdim"][1:4].astype(float)) + [1.0])
    raw = np.asanyarray(image.dataobj)
    expected[name] = {
        "dims": [int(n) for n in image.shape],
        "dtype": np.dtype(header.get_data_dtype()).newbyteorder("=").name,
        "bigEndian": header.endianness == ">",
        "version": 2 if isinstance(image, nib.Nifti2Image) else 1,
        "affine": matrix[:3].tolist(),
        "spacing": nib.affines.voxel_sizes(matrix).tolist(),
        "orientation": "".join(nib.aff2axcodes(matrix)),
        "descrip": header["descrip"].item().decode(),
        "qformCode": int(header["qform_code"]),
        "sformCode": int(header["sform_code"]),
        "voxels": np.asarray(raw, np.float64).astype(np.float32).astype(float).flatten(order="F").tolist(),
    }


def save(name, data, matrix=OBLIQUE, version=1, order="<", qcode=1, scode=1, qmatrix=None,
         slope=None, descrip=b"golden", edit=None):
    kind = nib.Nifti1Image if version == 1 else nib.Nifti2Image
    header = kind.header_class(endianness=order)
    header.set_data_dtype(data.dtype.newbyteorder(order))
    header["descrip"] = descrip
    image = kind(data, None, header)
    header = image.header
    header.set_xyzt_units("mm", "sec")
    image.set_sform(matrix, scode)
    image.set_qform(matrix if qmatrix is None else qmatrix, qcode, strip_shears=True)
    if slope is not None:
        header.set_slope_inter(*slope)
    if edit:
        edit(image)
    plain = image.to_bytes()
    (folder / name).write_bytes(gzip.compress(plain, mtime=0) if name.endswith(".gz") else plain)


def patch(name, offset, stored):
    content = bytearray((folder / name).read_bytes())
    content[offset:offset + len(stored)] = stored
    (folder / name).write_bytes(content)


for dtype in ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]:
    for order, short in [("<", "le"), (">", "be")]:
        for version in [1, 2]:
            name = f"{np.dtype(dtype).name}_{short}_{version}.nii"
            save(name, values(dtype), version=version, order=order)
            record(name)

save("compressed.nii.gz", values("i2"))
record("compressed.nii.gz")
parts = (folder / "int16_le_1.nii").read_bytes()
(folder / "two_members.nii.gz").write_bytes(
    gzip.compress(parts[:360], mtime=0) + gzip.compress(parts[360:], mtime=0))
record("two_members.nii.gz")

# Scaling: patched into files whose stored voxels are known, since nibabel rescales on saving.
for name, slope, inter in [("scaled", 0.25, -1024), ("slope_zero", 0, 5), ("slope_nan", np.nan, 5)]:
    save(name + ".nii", values("i2"))
    patch(name + ".nii", 112, np.array([slope, inter], "<f4").tobytes())
    record(name + ".nii")
save("scaled_be_2.nii", values("u2"), version=2, order=">")
patch("scaled_be_2.nii", 176, np.array([0.1, 3.7], ">f8").tobytes())
record("scaled_be_2.nii")

# Geometry.
flipped = OBLIQUE @ np.diag([1, 1, -1, 1])
half_turn = affine(np.diag([-1.0, -1.0, 1.0]), [1, 2, 3], [1, 2, 3])
sheared = OBLIQUE.copy()
sheared[0, 1] += 0.2
swapped = affine(np.array([[0, 0, 1.0], [-1, 0, 0], [0, 1, 0]]), [0.8, 0.8, 1.2], [5, 6, 7])
for name, options in {
    "qform": dict(scode=0), "qform_qfac": dict(scode=0, matrix=flipped),
    "qform_half_turn": dict(scode=0, matrix=half_turn), "qform_be_2": dict(scode=0, version=2, order=">"),
    "sform": dict(qcode=0), "sform_sheared": dict(matrix=sheared),
    "sform_preferred": dict(qmatrix=half_turn, scode=2), "sform_swapped": dict(matrix=swapped, qcode=4),
}.items():
    save(name + ".nii", values("u1"), **options)
    record(name + ".nii")
save("pixdim_only.nii", values("u1"), qcode=0, scode=0)
patch("pixdim_only.nii", 80, np.array([0.7, 0.8, 0.9], "<f4").tobytes())
record("pixdim_only.nii", method1=True)

# Shapes and extensions.
save("channels.nii.gz", values("f4", SHAPE + (3,)))
record("channels.nii.gz")
save("vector.nii", values("i2", SHAPE + (1, 3)))
record("vector.nii")
save("trailing_ones.nii", values("i2", SHAPE + (1, 1)))
record("trailing_ones.nii")
save("extension.nii", values("i2"),
     edit=lambda image: image.header.extensions.append(Nifti1Extension("comment", b"a comment")))
record("extension.nii")

text = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(expected.items()))
(folder.parent / "nifti.json").write_text("{\n" + text + "\n}\n")
