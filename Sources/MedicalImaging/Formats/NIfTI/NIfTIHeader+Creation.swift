/// Headers for files to be written.
extension NIfTIHeader {
  /// Makes a header from nothing: little-endian, mm, no scaling, sform and qform both "scanner".
  ///
  /// The qform is left out (code 0) when the affine shears, which a quaternion cannot say. NIfTI-1 is
  /// chosen unless an axis is longer than it can hold (32,767).
  public init(
    dataType: VoxelType, size: GridSize, channelCount: Int = 1, geometry: Geometry,
    descrip: String = ""
  ) {
    precondition(size.extents.allSatisfy { $0 >= 1 } && channelCount >= 1)
    let version: Version = (size.extents + [channelCount]).allSatisfy { $0 <= Int16.max } ? .one : .two
    self.init(
      path: "new image", version: version, byteOrder: .littleEndian, layout: .single,
      bytes: Array(repeating: 0, count: version.headerByteCount), dataType: dataType, dims: [1], dataOffset: 0
    )
    set(.sizeofHeader, to: version.headerByteCount)
    set(.xyztUnits, to: SpatialUnit.millimetre.rawValue)
    set(.descrip, to: descrip)
    setShape(size, channelCount: channelCount)
    setStorage(dataType, in: .single)
    setGeometry(geometry)
  }

  /// Returns this header fitted to another image on the same grid.
  ///
  /// Geometry, units, description and version stay; scaling becomes 1 and 0; what spoke of the old
  /// intensities (display range, intent) is cleared; extensions go, and so does geometry that could not be used.
  func describing(_ dataType: VoxelType, channelCount: Int, in layout: Layout) -> NIfTIHeader {
    var header = self
    header.setShape(size, channelCount: channelCount)
    header.setStorage(dataType, in: layout)
    if hasUnusableSform { header.set(.sformCode, to: 0) }
    if hasUnusableQform { header.set(.qformCode, to: 0) }
    if let spacing = try? geometry().spacing {
      for axis in 1...3 where !(header.number(.pixdim, axis).isFinite && header.number(.pixdim, axis) > 0) {
        header.set(.pixdim, axis, to: spacing[axis - 1] / spatialUnit.millimetres)
      }
    }
    for field in [NIfTIField.calMin, .calMax] { header.set(field, to: 0.0) }
    for index in 0..<3 { header.set(.intentParameters, index, to: 0.0) }
    header.set(.intentCode, to: 0)
    header.set(.intentName, to: "")
    return header
  }

  /// The header with nothing of what it says but how many voxels there are, where they lie and how they are stored:
  /// descriptions, names, times and what else a scanner wrote there may tell who was scanned.
  var geometryAlone: NIfTIHeader {
    var header = self
    header.bytes = [UInt8](repeating: 0, count: bytes.count)
    header.set(.sizeofHeader, to: version.headerByteCount)
    let kept: [(field: NIfTIField, count: Int)] = [
      (.dim, 8), (.pixdim, 4), (.xyztUnits, 1), (.qformCode, 1), (.sformCode, 1), (.quaternion, 3),
      (.qoffset, 3), (.srow, 12),
    ]
    for (field, count) in kept {
      let range = field.range(version, count: count)
      header.bytes.replaceSubrange(range, with: bytes[range])
    }
    for axis in 4...7 { header.set(.pixdim, axis, to: 1.0) }
    header.setStorage(dataType, in: layout)
    return header
  }

  private mutating func setShape(_ size: GridSize, channelCount: Int) {
    dims = size.extents + (channelCount > 1 ? [channelCount] : [])
    set(.dim, 0, to: dims.count)
    for axis in 1...7 { set(.dim, axis, to: axis <= dims.count ? dims[axis - 1] : 1) }
  }

  private mutating func setStorage(_ dataType: VoxelType, in layout: Layout) {
    self.dataType = dataType
    self.layout = layout
    bytes.replaceSubrange(NIfTITextField.magic.range(version), with: layout.magic(version))
    dataOffset = layout.minimumDataOffset(version)
    set(.datatype, to: dataType.niftiCode)
    set(.bitpix, to: 8 * dataType.byteCount)
    set(.voxOffset, toWhole: dataOffset)
    set(.sclSlope, to: 1.0)
    set(.sclInter, to: 0.0)
  }

  private mutating func setGeometry(_ geometry: Geometry) {
    for row in 0..<3 {
      for column in 0..<4 { set(.srow, 4 * row + column, to: geometry.affine[row][column]) }
      set(.qoffset, row, to: geometry.affine[row][3])
      set(.pixdim, row + 1, to: geometry.spacing[row])
    }
    for axis in 4...7 { set(.pixdim, axis, to: 1.0) }
    set(.sformCode, to: 1)
    set(.pixdim, 0, to: 1.0)
    guard let rotation = Quaternion(direction: geometry.direction) else { return }
    set(.qformCode, to: 1)
    set(.pixdim, 0, to: rotation.qfac)
    for (index, value) in [rotation.b, rotation.c, rotation.d].enumerated() {
      set(.quaternion, index, to: value)
    }
  }
}

/// A rotation as NIfTI's qform stores it; the fourth component follows from the unit length.
struct Quaternion {
  let b, c, d: Double
  /// -1 when the third axis is turned round, to make a rotation of a reflection.
  let qfac: Double

  /// Returns nil when the columns are not orthonormal (within 1e-4).
  ///
  /// Source: nifti1_io.c, `nifti_mat44_to_quatern`.
  init?(direction: [[Double]]) {
    var r = direction
    for first in 0..<3 {
      for second in first..<3 {
        let product = (0..<3).reduce(0) { $0 + r[$1][first] * r[$1][second] }
        guard abs(product - (first == second ? 1 : 0)) < 1e-4 else { return nil }
      }
    }
    let determinant =
      r[0][0] * (r[1][1] * r[2][2] - r[1][2] * r[2][1])
      - r[0][1] * (r[1][0] * r[2][2] - r[1][2] * r[2][0])
      + r[0][2] * (r[1][0] * r[2][1] - r[1][1] * r[2][0])
    qfac = determinant < 0 ? -1 : 1
    for row in 0..<3 { r[row][2] *= qfac }
    // Divide by the largest of the four components, for accuracy.
    let candidates = [
      1 + r[0][0] + r[1][1] + r[2][2], 1 + r[0][0] - r[1][1] - r[2][2],
      1 - r[0][0] + r[1][1] - r[2][2], 1 - r[0][0] - r[1][1] + r[2][2],
    ]
    let largest = candidates.indices.max { candidates[$0] < candidates[$1] } ?? 0
    let root = 2 * max(candidates[largest], 0).squareRoot()
    let (x, y, z) = (r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1])
    let (xy, xz, yz) = (r[0][1] + r[1][0], r[0][2] + r[2][0], r[1][2] + r[2][1])
    let components: [Double] =
      switch largest {
      case 0: [root * root / 4, x, y, z]
      case 1: [x, root * root / 4, xy, xz]
      case 2: [y, xy, root * root / 4, yz]
      default: [z, xz, yz, root * root / 4]
      }
    // The scalar part must not be negative, since the file does not store it.
    let scale = (components[0] < 0 ? -1 : 1) / root
    (b, c, d) = (components[1] * scale, components[2] * scale, components[3] * scale)
  }
}
