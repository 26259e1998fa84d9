/// The header of a MetaImage file (`.mha`, or `.mhd` with its voxels in another file).
///
/// World coordinates are LPS. What does not bear on voxels and geometry is passed over, `AnatomicalOrientation` as well,
/// which ITK ignores too.
///
/// Source: MetaIO documentation, "Tags of MetaImage", https://docs.itk.org/en/latest/learn/metaio.html.
struct MetaImageHeader: Sendable {
  let path: String
  let size: GridSize
  let channelCount: Int
  let voxelType: VoxelType
  let geometry: Geometry
  let tellsOrientation: Bool
  let data: VoxelData

  /// - Throws: `ImageError` when the file is missing, no MetaImage or of a kind that is not read.
  init(contentsOf path: String) throws(ImageError) {
    let file = try ImageFile(textHeader: path)
    let text = try TextHeader(metaImage: file)
    if let type = text["ObjectType"], type != "Image" {
      throw text.unsupported("ObjectType", remedy: "give a file whose ObjectType is Image")
    }
    let extents = try text.metaImageExtents()
    let channelCount = try text.integer("ElementNumberOfChannels", atLeast: 1) ?? 1
    guard ImageHeader.voxelCount(extents + [channelCount]) != nil else {
      throw .header(.tooLarge(path: path, extents: extents + [channelCount]))
    }
    self.path = path
    size = GridSize(extents[0], extents[1], extents.count > 2 ? extents[2] : 1)
    self.channelCount = channelCount
    voxelType = try text.metaImageType()
    geometry = try text.metaImageGeometry(axisCount: extents.count)
    tellsOrientation = TextHeader.metaImageDirections.contains { text[$0] != nil }
    data = try text.metaImageData(headerByteCount: file.position)
  }

  /// What the header says of its image.
  var imageHeader: ImageHeader {
    let order = data.isBigEndian ? "bigEndian" : "littleEndian"
    return ImageHeader(
      size: size, channelCount: channelCount, geometry: geometry, voxelType: voxelType,
      provenance: Provenance(path: path, format: .metaImage),
      formatDescription: "MetaImage, \(order) endian, \(voxelType)",
      details: data.path == path ? [] : [.init("data file", data.path)], tellsOrientation: tellsOrientation)
  }
}

extension TextHeader {
  /// Reads `Name = value` (or `:`) up to `ElementDataFile`, which is the last line.
  fileprivate init(metaImage file: ImageFile) throws(ImageError) {
    self.init(path: file.path)
    while self["ElementDataFile"] == nil {
      guard let line = try file.line(limit: Self.limit) else {
        throw .header(.missingField(path: path, field: "ElementDataFile"))
      }
      guard file.position <= Self.limit else { throw .header(.endless(path: path, limit: Self.limit)) }
      if line.allSatisfy(\.isWhitespace) { continue }
      guard let separator = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
        throw .header(.otherFormat(path: path, format: "MetaImage"))
      }
      let name = line[..<separator].trimmed
      // Comments may be many.
      if name != "Comment" { try add(name, line[line.index(after: separator)...].trimmed) }
    }
  }

  /// `DimSize`: two or three axes, and any number of a single entry behind them.
  fileprivate func metaImageExtents() throws(ImageError) -> [Int] {
    _ = try required("NDims")
    guard let axisCount = try integer("NDims", atLeast: 2), axisCount <= 10 else {
      throw invalid("NDims", expected: "2 or 3")
    }
    _ = try required("DimSize")
    guard let extents = try integers("DimSize", count: axisCount), extents.allSatisfy({ $0 >= 1 }) else {
      throw invalid("DimSize", expected: "\(axisCount) extents from 1")
    }
    guard extents.dropFirst(3).allSatisfy({ $0 == 1 }) else {
      throw unsupported("DimSize", remedy: "split the image so that each file holds three axes")
    }
    return extents
  }

  /// The types of the format; `MET_LONG` has 32 bits, as in MetaIO. Arrays are stored like their elements.
  fileprivate func metaImageType() throws(ImageError) -> VoxelType {
    let name = try required("ElementType")
    let element = name.hasSuffix("_ARRAY") ? String(name.dropLast(6)) : name
    guard let type = VoxelType(metaImageName: element) else {
      throw unsupported("ElementType", remedy: "convert the voxels to integers or floats of at most 64 bits")
    }
    return type
  }

  /// The names of the matrix of directions.
  fileprivate static let metaImageDirections = ["TransformMatrix", "Rotation", "Orientation"]

  /// The rows of the matrix are the directions of i, j and k.
  fileprivate func metaImageGeometry(axisCount: Int) throws(ImageError) -> Geometry {
    let count = min(axisCount, 3)
    let matrix = try numbers(
      ofAny: Self.metaImageDirections, count: axisCount * axisCount)
    let offset = try numbers(ofAny: ["Offset", "Position", "Origin"], count: axisCount)
    let spacing = try numbers(ofAny: ["ElementSpacing", "ElementSize"], count: axisCount)
    let steps = (0..<count).map { axis in
      (0..<3).map { row -> Double in
        guard row < count else { return 0 }
        return (spacing?[axis] ?? 1) * (matrix?[axis * axisCount + row] ?? (axis == row ? 1 : 0))
      }
    }
    let origin = (0..<3).map { $0 < count ? offset?[$0] ?? 0 : 0 }
    guard let geometry = Geometry(origin: origin, steps: steps, in: .lps) else {
      throw .header(.invalidGeometry(path: path))
    }
    return geometry
  }

  /// The numbers of the first of several fields that the header has.
  private func numbers(ofAny names: [String], count: Int) throws(ImageError) -> [Double]? {
    guard let name = names.first(where: { self[$0] != nil }) else { return nil }
    return try numbers(name, count: count)
  }

  fileprivate func metaImageData(headerByteCount: Int) throws(ImageError) -> VoxelData {
    let isLocal = self["ElementDataFile"]?.uppercased() == "LOCAL"
    var data = VoxelData(path: isLocal ? path : try DataFile(named: "ElementDataFile", in: self).path)
    data.offset = isLocal ? headerByteCount : 0
    let orderName = self["BinaryDataByteOrderMSB"] == nil ? "ElementByteOrderMSB" : "BinaryDataByteOrderMSB"
    data.isBigEndian = try flag(orderName) ?? false
    if try flag("CompressedData") ?? false { data.encoding = .deflated }
    // ITK takes voxels as binary where nothing is said.
    if try flag("BinaryData") == false {
      guard data.encoding == .raw else {
        throw unsupported("CompressedData", remedy: "store text uncompressed")
      }
      data.encoding = .text
    }
    switch try integer("HeaderSize", atLeast: -1) ?? 0 {
    case 0: break
    case -1 where data.encoding == .raw: data.skippedBytes = nil
    case -1: throw unsupported("HeaderSize", remedy: "give the number of bytes before the voxels")
    case let count: data.offset = count
    }
    return data
  }

  /// True, T, 1 or False, F, 0, in either case.
  private func flag(_ name: String) throws(ImageError) -> Bool? {
    switch self[name]?.first?.lowercased() {
    case nil where self[name] == nil: nil
    case "t", "1": true
    case "f", "0": false
    default: throw invalid(name, expected: "True or False")
    }
  }
}
