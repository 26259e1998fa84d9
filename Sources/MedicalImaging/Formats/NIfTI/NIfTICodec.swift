/// NIfTI in a single file as one of the image formats.
enum NIfTICodec: ImageCodec {
  static let suffixes = [".nii", ".nii.gz"]
  static let standardSuffix = ".nii.gz"

  static func recognises(_ start: [UInt8]) -> Bool { NIfTIHeader.layout(start) == .single }

  static func readHeader(_ path: String) throws(ImageError) -> ImageHeader {
    try NIfTIHeader.headerOnly(path).imageHeader()
  }

  static func read(_ path: String, for use: VoxelUse) throws(ImageError) -> Image {
    let file = try ImageFile(path: path)
    let header = try NIfTIHeader(readingFrom: file)
    guard header.layout == .single else { throw .nifti(.pairedFiles(path: path)) }
    try file.skip(header.dataOffset - header.bytes.count)
    return try header.image(from: file, for: use)
  }

  static func files(
    of labels: LabelVolume, like header: ImageHeader, at path: String
  ) throws(ImageError) -> [EncodedFile] {
    let contents = try NIfTIWriter.contents(labels: labels, like: NIfTIHeader(like: header), for: path)
    return [EncodedFile(path: path, contents: contents)]
  }

  static func files(
    of volume: Volume, like header: ImageHeader, as type: VoxelType, at path: String
  ) throws(ImageError) -> [EncodedFile] {
    let contents = try NIfTIWriter.contents(
      volume: volume, like: NIfTIHeader(like: header), as: type, for: path)
    return [EncodedFile(path: path, contents: contents)]
  }
}

extension NIfTIHeader {
  /// The header of the file that the image is from with its geometry alone, or a new one for an image from elsewhere.
  init(like header: ImageHeader) {
    if case .nifti(let own) = header.provenance.source {
      self = own.geometryAlone
    } else {
      self.init(
        dataType: header.voxelType, size: header.size, channelCount: header.channelCount,
        geometry: header.geometry, descrip: header.provenance.comment)
    }
  }

  /// What the header says of its image.
  ///
  /// - Throws: `ImageError.nifti` when axes, geometry or scaling make no image.
  func imageHeader() throws(ImageError) -> ImageHeader {
    let channelCount = try channelCount()
    let geometry = try geometry()
    let (slope, intercept) = try scaling()
    return ImageHeader(
      size: size, channelCount: channelCount, geometry: geometry, voxelType: dataType,
      provenance: Provenance(
        path: path, format: layout == .single ? .nifti : .niftiPair, source: .nifti(self)),
      formatDescription:
        "NIfTI-\(version.rawValue)\(layout == .pair ? " pair" : ""), \(byteOrder) endian, \(dataType)",
      details: [
        .init("codes", "qform \(qformCode), sform \(sformCode)"),
        .init("scaling", "slope \(slope), intercept \(intercept)"),
      ], tellsOrientation: sformCode > 0 || qformCode > 0)
  }
}

extension NIfTIImage {
  /// The image that the file holds, one channel for each entry of the last axis.
  ///
  /// - Throws: `ImageError.nifti` when axes, geometry or scaling make no image.
  package func image() throws(ImageError) -> Image {
    let (slope, intercept) = try header.scaling()
    let voxels = StoredVoxels(
      header.dataType, bytes: data, isSwapped: header.byteOrder != .native, slope: slope, intercept: intercept
    )
    return Image(
      header: try header.imageHeader(), voxels: voxels,
      remarks: header.remarks(hasTrailingData: hasTrailingData))
  }
}

extension NIfTIHeader {
  /// The image whose voxels begin where a file is read next.
  ///
  /// - Throws: `ImageError.nifti` when axes, geometry or scaling make no image, and what reading throws.
  func image(from file: ImageFile, for use: VoxelUse) throws(ImageError) -> Image {
    let imageHeader = try imageHeader()
    let (slope, intercept) = try scaling()
    let voxels = try file.voxels(
      dataType, count: dataByteCount / dataType.byteCount, isSwapped: byteOrder != .native, slope: slope,
      intercept: intercept, for: use)
    return Image(header: imageHeader, voxels: voxels, remarks: remarks(hasTrailingData: try file.hasMore()))
  }

  fileprivate func remarks(hasTrailingData: Bool) -> [ImageRemark] {
    var remarks: [ImageRemark] = hasTrailingData ? [.trailingData] : []
    if bitpix != 8 * dataType.byteCount {
      remarks.append(.bitsPerVoxelMismatch(bits: bitpix, voxelType: dataType))
    }
    if hasUnusableSform { remarks.append(.secondGeometry(unusable: "sform", used: "qform")) }
    return remarks
  }
}
