/// NRRD as one of the image formats: `.nrrd` in one file, `.nhdr` with the voxels in another.
enum NRRDCodec: NewFileCodec {
  static let suffixes = [".nrrd", ".nhdr"]
  static let standardSuffix = ".nrrd"
  static let magics = (1...5).map { "NRRD000\($0)" }

  static func recognises(_ start: [UInt8]) -> Bool {
    magics.contains(String(decoding: start.prefix(8), as: UTF8.self))
  }

  static func readHeader(_ path: String) throws(ImageError) -> ImageHeader {
    try NRRDHeader(contentsOf: path).imageHeader
  }

  static func read(_ path: String, for use: VoxelUse) throws(ImageError) -> Image {
    let header = try NRRDHeader(contentsOf: path)
    let axes = header.axes
    let count = axes.size.count * axes.channelCount
    let (voxels, remarks) = try header.data.read(header.voxelType, count: count, for: use)
    let behind = count / (axes.channelStride * axes.channelCount)
    return Image(
      header: header.imageHeader,
      voxels: voxels.exchangingAxes(first: axes.channelStride, second: axes.channelCount, third: behind),
      remarks: remarks)
  }

  static func files(_ new: NewVoxels, at path: String) throws(ImageError) -> [EncodedFile] {
    let data = new.isCompressed ? Deflate.compressed([new.interleaved], as: .gzip) : new.interleaved
    guard path.lowercased().hasSuffix(".nhdr") else {
      return [EncodedFile(path: path, contents: Array(text(new, lastLine: "").utf8) + data)]
    }
    return try detached(data, suffix: new.isCompressed ? ".raw.gz" : ".raw", headerAt: path) {
      text(new, lastLine: "data file: \($0)")
    }
  }

  /// The channels come first, as in the files of ITK and 3D Slicer.
  private static func text(_ new: NewVoxels, lastLine: String) -> String {
    let (origin, steps) = new.header.geometry.frame(in: .lps)
    let hasChannels = new.channelCount > 1
    let sizes = (hasChannels ? [new.channelCount] : []) + new.header.size.extents
    let directions = (hasChannels ? ["none"] : []) + steps.map { vector($0) }
    let kinds = (hasChannels ? ["vector"] : []) + ["domain", "domain", "domain"]
    let lines = [
      "NRRD0004", "type: \(new.type.nrrdNames[0])", "dimension: \(sizes.count)",
      "space: left-posterior-superior",
      "sizes: \(sizes.map { "\($0)" }.joined(separator: " "))",
      "space directions: \(directions.joined(separator: " "))", "kinds: \(kinds.joined(separator: " "))",
      "endian: little", "encoding: \(new.isCompressed ? "gzip" : "raw")", "space origin: \(vector(origin))",
      lastLine,
    ]
    return lines.map { $0 + "\n" }.joined()
  }

  private static func vector(_ numbers: [Double]) -> String {
    "(\(numbers.map { "\($0)" }.joined(separator: ",")))"
  }
}
