/// A field of the NIfTI header: where it lies and how it is stored, in either version.
///
/// Source: nifti1.h (348 bytes) and nifti2.h (540 bytes). Not listed, because nothing reads them, are the
/// ANALYZE remnants of NIfTI-1 `data_type` (4, 10 bytes), `db_name` (14, 18 bytes), `extents` (32),
/// `session_error` (36) and `regular` (38), and NIfTI-2's `unused_str` (525, 15 bytes).
struct NIfTIField {
  enum Storage { case int8, int16, int32, int64, float32, float64 }

  struct Slot {
    /// The byte offset from the start of the header.
    let offset: Int
    let storage: Storage

    init(_ offset: Int, _ storage: Storage) {
      self.offset = offset
      self.storage = storage
    }
  }

  let one: Slot
  let two: Slot

  func slot(_ version: NIfTIHeader.Version) -> Slot {
    version == .one ? one : two
  }

  /// The bytes of so many numbers.
  func range(_ version: NIfTIHeader.Version, count: Int) -> Range<Int> {
    let slot = slot(version)
    return slot.offset..<slot.offset + count * slot.storage.byteCount
  }

  /// The header's own length: 348 or 540. Bytes 0 and 0.
  static let sizeofHeader = NIfTIField(one: Slot(0, .int32), two: Slot(0, .int32))
  /// Frequency, phase and slice encoding axes. Bytes 39 and 524.
  static let dimInfo = NIfTIField(one: Slot(39, .int8), two: Slot(524, .int8))
  /// `dim[8]`: the count of axes, then the extent of each. Bytes 40 and 16.
  static let dim = NIfTIField(one: Slot(40, .int16), two: Slot(16, .int64))
  /// `intent_p1`, `intent_p2`, `intent_p3`. Bytes 56 and 80.
  static let intentParameters = NIfTIField(one: Slot(56, .float32), two: Slot(80, .float64))
  /// Bytes 68 and 504.
  static let intentCode = NIfTIField(one: Slot(68, .int16), two: Slot(504, .int32))
  /// Bytes 70 and 12.
  static let datatype = NIfTIField(one: Slot(70, .int16), two: Slot(12, .int16))
  /// Bits per voxel. Bytes 72 and 14.
  static let bitpix = NIfTIField(one: Slot(72, .int16), two: Slot(14, .int16))
  /// Bytes 74 and 224.
  static let sliceStart = NIfTIField(one: Slot(74, .int16), two: Slot(224, .int64))
  /// `pixdim[8]`: qfac, then the spacing along each axis. Bytes 76 and 104.
  static let pixdim = NIfTIField(one: Slot(76, .float32), two: Slot(104, .float64))
  /// The byte at which the voxels begin. Bytes 108 and 168.
  static let voxOffset = NIfTIField(one: Slot(108, .float32), two: Slot(168, .int64))
  /// Bytes 112 and 176.
  static let sclSlope = NIfTIField(one: Slot(112, .float32), two: Slot(176, .float64))
  /// Bytes 116 and 184.
  static let sclInter = NIfTIField(one: Slot(116, .float32), two: Slot(184, .float64))
  /// Bytes 120 and 232.
  static let sliceEnd = NIfTIField(one: Slot(120, .int16), two: Slot(232, .int64))
  /// Bytes 122 and 496.
  static let sliceCode = NIfTIField(one: Slot(122, .int8), two: Slot(496, .int32))
  /// Units of space (bits 0-2) and time (bits 3-5). Bytes 123 and 500.
  static let xyztUnits = NIfTIField(one: Slot(123, .int8), two: Slot(500, .int32))
  /// The intensity shown as white. Bytes 124 and 192.
  static let calMax = NIfTIField(one: Slot(124, .float32), two: Slot(192, .float64))
  /// The intensity shown as black. Bytes 128 and 200.
  static let calMin = NIfTIField(one: Slot(128, .float32), two: Slot(200, .float64))
  /// Bytes 132 and 208.
  static let sliceDuration = NIfTIField(one: Slot(132, .float32), two: Slot(208, .float64))
  /// Bytes 136 and 216.
  static let toffset = NIfTIField(one: Slot(136, .float32), two: Slot(216, .float64))
  /// Bytes 252 and 344.
  static let qformCode = NIfTIField(one: Slot(252, .int16), two: Slot(344, .int32))
  /// Bytes 254 and 348.
  static let sformCode = NIfTIField(one: Slot(254, .int16), two: Slot(348, .int32))
  /// `quatern_b`, `quatern_c`, `quatern_d`. Bytes 256 and 352.
  static let quaternion = NIfTIField(one: Slot(256, .float32), two: Slot(352, .float64))
  /// `qoffset_x`, `qoffset_y`, `qoffset_z`. Bytes 268 and 376.
  static let qoffset = NIfTIField(one: Slot(268, .float32), two: Slot(376, .float64))
  /// `srow_x[4]`, `srow_y[4]`, `srow_z[4]`, one after the other. Bytes 280 and 400.
  static let srow = NIfTIField(one: Slot(280, .float32), two: Slot(400, .float64))
}

/// A text field of the NIfTI header, padded with zero bytes.
struct NIfTITextField {
  let one: Range<Int>
  let two: Range<Int>

  func range(_ version: NIfTIHeader.Version) -> Range<Int> {
    version == .one ? one : two
  }

  /// `descrip[80]`. Bytes 148 and 240.
  static let descrip = NIfTITextField(one: 148..<228, two: 240..<320)
  /// `aux_file[24]`. Bytes 228 and 320.
  static let auxFile = NIfTITextField(one: 228..<252, two: 320..<344)
  /// `intent_name[16]`. Bytes 328 and 508.
  static let intentName = NIfTITextField(one: 328..<344, two: 508..<524)
  /// `magic`, four bytes at 344 or eight at 4.
  static let magic = NIfTITextField(one: 344..<348, two: 4..<12)
}

extension NIfTIField.Storage {
  var byteCount: Int {
    switch self {
    case .int8: 1
    case .int16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }
}
