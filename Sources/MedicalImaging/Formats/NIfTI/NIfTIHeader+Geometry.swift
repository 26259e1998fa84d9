/// The three methods of nifti1.h by which a header places its voxels in space.
extension NIfTIHeader {
  /// Returns spacing and affine in mm.
  ///
  /// The sform (method 3) decides when its code is positive, else the qform (method 2) when its code is,
  /// else the spacing alone (method 1), with the first voxel at the origin. A qform also serves in place of an
  /// sform that has no inverse. Spacing is the length of the affine's columns.
  ///
  /// Source: nifti1.h, "3D IMAGE (VOLUME) ORIENTATION AND LOCATION IN SPACE". For method 1 the origin is
  /// the first voxel, as written there; nibabel centres the image and flips i instead.
  /// - Throws: `NIfTIError.invalidSpacing` or `.invalidAffine`.
  public func geometry() throws(ImageError) -> Geometry {
    let millimetres = spatialUnit.millimetres
    let affine = try storedAffine().map { $0.map { $0 * millimetres } }
    // The unit, or a square, may carry numbers of NIfTI-2 beyond all bounds.
    guard Geometry.isUsable(affine) else {
      throw .nifti(.invalidSpacing(path: path, pixdim: Array(pixdim[1...3])))
    }
    let spacing = (0..<3).map { column in
      (0..<3).reduce(0) { $0 + affine[$1][column] * affine[$1][column] }.squareRoot()
    }
    return Geometry(spacing: spacing, affine: affine)
  }

  private func storedAffine() throws(ImageError) -> [[Double]] {
    if sformCode > 0 && !hasUnusableSform { return try sform() }
    if qformCode > 0 { return try qform() }
    let spacing = try checkedSpacing()
    return (0..<3).map { row in (0..<4).map { $0 == row ? spacing[row] : 0 } }
  }

  /// Whether the sform counts and has no inverse, while the qform is a usable one.
  var hasUnusableSform: Bool {
    sformCode > 0 && qformCode > 0 && (try? sform()) == nil && (try? qform()) != nil
  }

  /// Whether there is a qform, which does not count beside a usable sform, and is none.
  var hasUnusableQform: Bool { sformCode > 0 && qformCode > 0 && (try? qform()) == nil }

  /// Method 3: the rows of the affine as stored.
  private func sform() throws(ImageError) -> [[Double]] {
    let rows = (0..<3).map { row in (0..<4).map { number(.srow, 4 * row + $0) } }
    guard Geometry.isUsable(rows) else { throw .nifti(.invalidAffine(path: path, form: "sform")) }
    return rows
  }

  /// Method 2: rotation by the quaternion (a, b, c, d), scaled by pixdim, the third axis times qfac.
  private func qform() throws(ImageError) -> [[Double]] {
    let spacing = try checkedSpacing()
    var (b, c, d) = (number(.quaternion, 0), number(.quaternion, 1), number(.quaternion, 2))
    let length = b * b + c * c + d * d
    // Rounding may carry a half turn a little beyond 1; more is no rotation.
    guard length <= 1.001 else { throw .nifti(.invalidAffine(path: path, form: "qform")) }
    var a = 1 - length
    if a < 1e-7 {
      let scale = 1 / length.squareRoot()
      (a, b, c, d) = (0, b * scale, c * scale, d * scale)
    } else {
      a = a.squareRoot()
    }
    let rotation = [
      [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
      [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
      [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
    ]
    let qfac: Double = pixdim[0] < 0 ? -1 : 1
    let scale = [spacing[0], spacing[1], spacing[2] * qfac]
    let rows = (0..<3).map { row in (0..<3).map { rotation[row][$0] * scale[$0] } + [number(.qoffset, row)] }
    guard Geometry.isUsable(rows) else { throw .nifti(.invalidAffine(path: path, form: "qform")) }
    return rows
  }

  /// `pixdim[1...3]` without sign; an axis that the file lacks counts as 1, and so does one of a single voxel that
  /// has none, as tools write it for images of two dimensions.
  private func checkedSpacing() throws(ImageError) -> [Double] {
    let stored = Array(pixdim[1...3])
    let spacing = stored.enumerated().map { $0 < dims.count && (dims[$0] > 1 || $1 != 0) ? abs($1) : 1 }
    guard spacing.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw .nifti(.invalidSpacing(path: path, pixdim: stored))
    }
    return spacing
  }
}
