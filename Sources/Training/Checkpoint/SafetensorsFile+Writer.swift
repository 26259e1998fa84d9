import DurableFiles

extension SafetensorsFile {
  /// Writes the file atomically: a reader, or a crash, sees either the earlier file or the whole new one.
  /// - Throws: `AtomicFileError`, which names the file; an earlier file is untouched.
  public func write(to path: String) throws(AtomicFileError) {
    try AtomicFile.write(serialized(), to: path)
  }

  /// The bytes of the file. Equal contents give equal bytes.
  ///
  /// Tensors lie in the order of the format's own library: by dtype, the widest first, then by name. With the
  /// header padded to a multiple of 8 bytes, every element is aligned.
  /// - Precondition: no tensor is named `__metadata__`.
  public func serialized() -> [UInt8] {
    precondition(tensors[Self.metadataKey] == nil, "'\(Self.metadataKey)' cannot name a tensor")
    let ordered = tensors.sorted { Self.precedes($0, $1) }
    let header = headerText(of: ordered)
    let dataCount = ordered.reduce(0) { $0 + $1.value.bytes.count }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.headerOffset + header.count + dataCount)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: header)
    for (_, tensor) in ordered { bytes.append(contentsOf: tensor.bytes) }
    return bytes
  }

  private typealias Named = (key: String, value: SafetensorsTensor)

  private static func precedes(_ a: Named, _ b: Named) -> Bool {
    let order = SafetensorsTensor.DType.allCases
    let (rankA, rankB) = (order.firstIndex(of: a.value.dtype)!, order.firstIndex(of: b.value.dtype)!)
    return rankA == rankB ? a.key.utf8.lexicographicallyPrecedes(b.key.utf8) : rankA > rankB
  }

  /// The header's JSON, padded with spaces to a multiple of 8 bytes.
  private func headerText(of ordered: [Named]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\($0.key.jsonLiteral):\($0.value.jsonLiteral)" }
      members.append("\"\(Self.metadataKey)\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in ordered {
      let end = offset + tensor.bytes.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(name.jsonLiteral):{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    return text
  }
}
