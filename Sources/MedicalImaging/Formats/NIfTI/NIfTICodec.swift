/// NIfTI in a single file as one of the image formats.
enum NIfTICodec: ImageCodec {
  static let suffixes = [".nii", ".nii.gz"]
  static let standardSuffix = ".nii.gz"

  static func recognises(_ start: [UInt8]) -> Bool { NIfTIHeader.layout(start) == .single }

  static func readHeader(_ path: String) throws(ImageError) -> ImageHeader {
    try NIfTIHeader.headerOnly(path).imageHeader()
  }

  static func read(_ path: String) throws(ImageError) -> Image {
    try NIfTIImage(contentsOf: path).image()
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
    let imageHeader = try header.imageHeader()
    let (slope, intercept) = try header.scaling()
    return Image(
      header: imageHeader,
      voxels: StoredVoxels(
        header.dataType, bytes: data, isSwapped: header.byteOrder != .native, slope: slope,
        intercept: intercept),
      remarks: remarks)
  }

  private var remarks: [ImageRemark] {
    var remarks: [ImageRemark] = hasTrailingData ? [.trailingData] : []
    if header.bitpix != 8 * header.dataType.byteCount {
      remarks.append(.bitsPerVoxelMismatch(bits: header.bitpix, voxelType: header.dataType))
    }
    if header.hasUnusableSform { remarks.append(.secondGeometry(unusable: "sform", used: "qform")) }
    return remarks
  }
}
