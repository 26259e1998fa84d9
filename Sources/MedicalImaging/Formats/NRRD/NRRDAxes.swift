/// The axes of an NRRD array: those of space, and at most one of channels, wherever it lies.
struct NRRDAxes: Sendable {
  let size: GridSize
  let channelCount: Int
  /// Where the spatial axes are among all, i first; two of a slice.
  let spatial: [Int]
  /// The number of axes of the file.
  let count: Int
  /// The number of values that are stored between neighbours along the axis of channels.
  let channelStride: Int

  /// An axis is one of channels when it has no direction (`none`), or without directions when its kind is not of a domain.
  /// Axes of one entry count where they are needed to make up three of space.
  ///
  /// - Throws: `ImageError.header` for fewer than two axes of space, more than three, or two of channels.
  init(_ text: TextHeader) throws(ImageError) {
    _ = try text.required("dimension")
    guard let count = try text.integer("dimension", atLeast: 1), count <= 16 else {
      throw text.invalid("dimension", expected: "a whole number from 1 to 16")
    }
    _ = try text.required("sizes")
    guard let sizes = try text.integers("sizes", count: count), sizes.allSatisfy({ $0 >= 1 }) else {
      throw text.invalid("sizes", expected: "\(count) extents from 1")
    }
    guard ImageHeader.voxelCount(sizes) != nil else {
      throw .header(.tooLarge(path: text.path, extents: sizes))
    }
    let isSpatial = try Self.spatialAxes(text, count: count)
    let others = (0..<count).filter { !isSpatial[$0] && sizes[$0] > 1 }
    let spatial = (0..<count).filter { isSpatial[$0] }
    guard (2...).contains(spatial.count), spatial.dropFirst(3).allSatisfy({ sizes[$0] == 1 }),
      others.count <= 1
    else {
      throw text.unsupported(
        "sizes", remedy: "split the image so that each file holds three axes and one of channels")
    }
    self.spatial = Array(spatial.prefix(3))
    self.count = count
    size = GridSize(sizes[spatial[0]], sizes[spatial[1]], spatial.count > 2 ? sizes[spatial[2]] : 1)
    channelCount = others.first.map { sizes[$0] } ?? 1
    channelStride = sizes.prefix(others.first ?? count).reduce(1, *)
  }

  private static func spatialAxes(_ text: TextHeader, count: Int) throws(ImageError) -> [Bool] {
    if let directions = try text.vectors("space directions", count: count) {
      return directions.map { $0 != nil }
    }
    guard let kinds = text.words("kinds") else { return Array(repeating: true, count: count) }
    guard kinds.count == count else { throw text.invalid("kinds", expected: "\(count) kinds") }
    return kinds.map { ["domain", "space", "time", "none", "???"].contains($0.lowercased()) }
  }
}

extension TextHeader {
  /// Vectors in parentheses, or `none`, as many as there are axes.
  func vectors(_ name: String, count: Int) throws(ImageError) -> [[Double]?]? {
    guard let value = self[name] else { return nil }
    var vectors: [[Double]?] = []
    var rest = value[...].drop(while: \.isWhitespace)
    while let first = rest.first {
      let end = rest.firstIndex { first == "(" ? $0 == ")" : $0.isWhitespace } ?? rest.endIndex
      let word = rest[..<end]
      rest = rest[end...].drop { $0.isWhitespace || $0 == ")" }
      try vectors.append(word.lowercased() == "none" ? nil : vector(word, of: name))
    }
    guard vectors.count == count else { throw invalid(name, expected: "\(count) vectors or none") }
    return vectors
  }

  private func vector(_ word: Substring, of name: String) throws(ImageError) -> [Double] {
    let parts = word.dropFirst().split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0.trimmed) }
    guard word.first == "(", numbers.count == parts.count else {
      throw invalid(name, expected: "vectors such as (1,0,0)")
    }
    return numbers
  }
}
