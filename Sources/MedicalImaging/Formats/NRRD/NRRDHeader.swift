/// The header of an NRRD file (`.nrrd`, or `.nhdr` with its voxels in another file), versions 1 to 5.
///
/// Source: "Definition of NRRD File Format", http://teem.sourceforge.net/nrrd/format.html.
struct NRRDHeader: Sendable {
  let path: String
  let axes: NRRDAxes
  let voxelType: VoxelType
  let geometry: Geometry
  let tellsOrientation: Bool
  let data: VoxelData
  private let details: [ImageHeader.Detail]

  /// - Throws: `ImageError` when the file is missing, no NRRD or of a kind that is not read.
  init(contentsOf path: String) throws(ImageError) {
    let file = try ImageFile(textHeader: path)
    let text = try TextHeader(nrrd: file)
    self.path = path
    axes = try NRRDAxes(text)
    voxelType = try text.nrrdType()
    let space = try NRRDSpace(text)
    geometry = try space.geometry(of: axes, text)
    tellsOrientation = text["space directions"] != nil
    data = try text.nrrdData(voxelType, headerByteCount: file.position)
    details = space.details(text) + (data.path == path ? [] : [.init("data file", data.path)])
  }

  /// What the header says of its image.
  var imageHeader: ImageHeader {
    let order = data.isBigEndian ? "bigEndian" : "littleEndian"
    return ImageHeader(
      size: axes.size, channelCount: axes.channelCount, geometry: geometry, voxelType: voxelType,
      provenance: Provenance(path: path, format: .nrrd),
      formatDescription: "NRRD, \(order) endian, \(voxelType)", details: details,
      tellsOrientation: tellsOrientation)
  }
}

extension TextHeader {
  /// Reads the magic and `field: value` up to an empty line or the file's end; comments and `key:=value` are passed over.
  fileprivate init(nrrd file: ImageFile) throws(ImageError) {
    self.init(path: file.path)
    let magic = try file.line(limit: Self.limit) ?? ""
    guard NRRDCodec.magics.contains(magic.trimmed) else {
      throw .header(.otherFormat(path: path, format: "NRRD (version 1 to 5)"))
    }
    while let line = try file.line(limit: Self.limit), !line.isEmpty {
      guard file.position <= Self.limit else { throw .header(.endless(path: path, limit: Self.limit)) }
      if line.hasPrefix("#") || line.contains(":=") { continue }
      guard let colon = line.firstIndex(of: ":") else {
        throw .header(.otherFormat(path: path, format: "NRRD"))
      }
      let value = line[line.index(after: colon)...]
      // Some names are written with or without a blank ("data file", "datafile").
      let name = line[..<colon].trimmed.lowercased()
      try add(Self.nrrdSynonyms[name] ?? name, value.trimmed)
    }
  }

  private static var nrrdSynonyms: [String: String] {
    [
      "datafile": "data file", "lineskip": "line skip", "byteskip": "byte skip", "axismins": "axis mins",
      "centerings": "centers",
    ]
  }

  fileprivate func nrrdType() throws(ImageError) -> VoxelType {
    guard let type = VoxelType(nrrdName: try required("type").lowercased()) else {
      throw unsupported("type", remedy: "convert the voxels to integers or floats of at most 64 bits")
    }
    return type
  }

  fileprivate func nrrdData(_ type: VoxelType, headerByteCount: Int) throws(ImageError) -> VoxelData {
    let isAttached = self["data file"] == nil
    var data = VoxelData(path: isAttached ? path : try DataFile(named: "data file", in: self).path)
    data.offset = isAttached ? headerByteCount : 0
    data.encoding = try nrrdEncoding()
    if type.byteCount > 1 && data.encoding != .text {
      switch try required("endian").lowercased() {
      case "little": data.isBigEndian = false
      case "big": data.isBigEndian = true
      default: throw invalid("endian", expected: "little or big")
      }
    }
    data.skippedLines = try integer("line skip", atLeast: 0) ?? 0
    switch try integer("byte skip", atLeast: -1) ?? 0 {
    case -1 where data.encoding == .raw: data.skippedBytes = nil
    case -1: throw unsupported("byte skip", remedy: "give the number of bytes before the voxels")
    case let count: data.skippedBytes = count
    }
    return data
  }

  private func nrrdEncoding() throws(ImageError) -> VoxelData.Encoding {
    switch try required("encoding").lowercased() {
    case "raw": .raw
    case "gzip", "gz": .deflated
    case "ascii", "text", "txt": .text
    default: throw unsupported("encoding", remedy: "store the image again with the encoding raw or gzip")
    }
  }
}
