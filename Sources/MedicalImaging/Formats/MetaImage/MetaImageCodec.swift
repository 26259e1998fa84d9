/// MetaImage as one of the image formats: `.mha` in one file, `.mhd` with the voxels in another.
enum MetaImageCodec: NewFileCodec {
  static let suffixes = [".mha", ".mhd"]
  static let standardSuffix = ".mha"

  static func recognises(_ start: [UInt8]) -> Bool {
    let line = String(decoding: start.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    let words = line.split { $0.isWhitespace || $0 == "=" || $0 == ":" }
    return words == ["ObjectType", "Image"] || words.first == "NDims"
  }

  static func readHeader(_ path: String) throws(ImageError) -> ImageHeader {
    try MetaImageHeader(contentsOf: path).imageHeader
  }

  static func read(_ path: String, for use: VoxelUse) throws(ImageError) -> Image {
    let header = try MetaImageHeader(contentsOf: path)
    let (count, channelCount) = (header.size.count, header.channelCount)
    let (voxels, remarks) = try header.data.read(header.voxelType, count: count * channelCount, for: use)
    return Image(
      header: header.imageHeader, voxels: voxels.exchangingAxes(first: 1, second: channelCount, third: count),
      remarks: remarks)
  }

  static func files(_ new: NewVoxels, at path: String) throws(ImageError) -> [EncodedFile] {
    let data = new.isCompressed ? Deflate.compressed([new.interleaved], as: .zlib) : new.interleaved
    guard path.lowercased().hasSuffix(".mhd") else {
      return [EncodedFile(path: path, contents: Array(text(new, data, dataFile: "LOCAL").utf8) + data)]
    }
    return try detached(data, suffix: new.isCompressed ? ".zraw" : ".raw", headerAt: path) {
      text(new, data, dataFile: $0)
    }
  }

  private static func text(_ new: NewVoxels, _ data: [UInt8], dataFile: String) -> String {
    let geometry = new.header.geometry
    let (origin, steps) = geometry.frame(in: .lps)
    let directions = zip(steps, geometry.spacing).flatMap { step, spacing in step.map { $0 / spacing } }
    var lines = [
      "ObjectType = Image", "NDims = 3", "BinaryData = True", "BinaryDataByteOrderMSB = False",
      "CompressedData = \(new.isCompressed ? "True" : "False")",
    ]
    if new.isCompressed { lines.append("CompressedDataSize = \(data.count)") }
    lines += [
      "TransformMatrix = \(joined(directions))", "Offset = \(joined(origin))", "CenterOfRotation = 0 0 0",
      "ElementSpacing = \(joined(geometry.spacing))", "DimSize = \(joined(new.header.size.extents))",
    ]
    if new.channelCount > 1 { lines.append("ElementNumberOfChannels = \(new.channelCount)") }
    lines += ["ElementType = \(new.type.metaImageName)", "ElementDataFile = \(dataFile)"]
    return lines.map { $0 + "\n" }.joined()
  }

  private static func joined<Number>(_ numbers: [Number]) -> String {
    numbers.map { "\($0)" }.joined(separator: " ")
  }
}
