/// "labels" of a description, in either direction, as the Decathlon and nnU-Net have it: {"0": "background"} or
/// {"background": 0}; in the second a region has several values: {"whole": [1, 2, 3]}.
///
/// A label named "ignore" marks voxels of which nothing is known.
///
/// Source: nnU-Net v2, "dataset_format", "ignore_label" and "region_based_training".
struct LabelDescription {
  private struct Entry {
    let name: String
    let values: [UInt8]
  }

  private static let (key, orderKey) = ("labels", "regions_class_order")
  private static let (backgroundName, ignoredName) = ("background", "ignore")

  private let path: String
  private let order: JSONValue?
  /// In the file's order, which is that of "regions_class_order".
  private let entries: [Entry]

  /// - Parameters:
  ///   - description: the file's entries.
  ///   - path: of the file; errors name it.
  init(_ description: JSONObject, in path: String) throws(DatasetError) {
    self.path = path
    order = description[Self.orderKey]
    guard let labels = description[Self.key] else { throw .missingKey(path: path, key: Self.key) }
    guard let object = labels.object, !object.names.isEmpty else { throw Self.invalid(path) }
    let isNumberFirst = object.names.allSatisfy { Int($0) != nil }
    var entries: [Entry] = []
    for (key, value) in object.members { entries.append(try Self.entry(key, value, isNumberFirst, path)) }
    self.entries = entries
    try requireNames()
  }

  private static func invalid(_ path: String) -> DatasetError {
    .invalidValue(path: path, key: key, expected: "an object of class numbers from 0 to 255 with names")
  }

  private static func entry(
    _ key: String, _ value: JSONValue, _ isNumberFirst: Bool, _ path: String
  ) throws(DatasetError) -> Entry {
    var (name, numbers): (String?, [Int?]) = (key, [value.integer])
    if isNumberFirst { (name, numbers) = (value.string, [Int(key)]) }
    if case .array(let list) = value { numbers = list.map(\.integer) }
    let values = numbers.compactMap { $0.flatMap { UInt8(exactly: $0) } }
    guard let name, !values.isEmpty, values.count == numbers.count else { throw invalid(path) }
    return Entry(name: name.trimmed, values: Set(values).sorted())
  }

  private func requireNames() throws(DatasetError) {
    for (index, entry) in entries.enumerated() {
      guard !entry.name.isEmpty else {
        throw .label(path: path, .unnamed(value: Int(entry.values[0])))
      }
      if let twin = entries[..<index].first(where: { $0.name == entry.name }) {
        throw .label(
          path: path, .equalNames(name: entry.name, values: [twin, entry].map { Int($0.values[0]) }))
      }
    }
  }

  // MARK: The scheme

  /// What the labels mean.
  func scheme() throws(DatasetError) -> LabelScheme {
    let ignored = try ignoredValue()
    let named = entries.filter { $0.name != Self.ignoredName }
    try requireBackground(among: named)
    let hasRegions = named.contains { $0.values.count > 1 }
    let structures = named.filter { $0.values != [0] }
    guard !structures.isEmpty else { throw .noForeground(path: path) }
    if let ignored, let twin = named.first(where: { $0.values.contains(ignored) }) {
      throw .label(path: path, .equalValues(value: Int(ignored), names: [twin.name, Self.ignoredName]))
    }
    return LabelScheme(
      try hasRegions ? .regions(regions(structures)) : .classes(classes(named)), ignoredValue: ignored)
  }

  private func ignoredValue() throws(DatasetError) -> UInt8? {
    guard let entry = entries.first(where: { $0.name == Self.ignoredName }) else { return nil }
    guard entry.values.count == 1, entry.values[0] > 0 else {
      throw .label(path: path, .ignoredValue(entry.values.map(Int.init)))
    }
    return entry.values[0]
  }

  private func requireBackground(among named: [Entry]) throws(DatasetError) {
    if let background = named.first(where: { $0.name.lowercased() == Self.backgroundName }),
      background.values != [0]
    {
      throw .label(path: path, .backgroundValue(background.values.map(Int.init)))
    }
    let backgrounds = named.filter { $0.values == [0] }
    guard !backgrounds.isEmpty else {
      throw .label(path: path, .noBackground(values: named.flatMap { $0.values.map(Int.init) }))
    }
    guard backgrounds.count == 1 else {
      throw .label(path: path, .equalValues(value: 0, names: backgrounds.map(\.name)))
    }
    if let region = named.first(where: { $0.values.count > 1 && $0.values.contains(0) }) {
      throw .label(path: path, .backgroundInRegion(region.name))
    }
  }

  private func classes(_ named: [Entry]) throws(DatasetError) -> [LabelClass] {
    let classes = named.map { LabelClass(name: $0.name, value: $0.values[0]) }.sorted { $0.value < $1.value }
    for (lower, upper) in zip(classes, classes.dropFirst()) where lower.value == upper.value {
      throw .label(path: path, .equalValues(value: Int(lower.value), names: [lower.name, upper.name]))
    }
    return classes
  }

  private func regions(_ structures: [Entry]) throws(DatasetError) -> [LabelRegion] {
    let names = structures.map(\.name)
    guard case .array(let list) = order else { throw .label(path: path, .noRegionOrder(regions: names)) }
    let written = list.compactMap { $0.integer.flatMap { UInt8(exactly: $0) } }
    guard written.count == list.count, written.count == structures.count else {
      throw .label(path: path, .wrongRegionOrder(regions: names, count: list.count))
    }
    var regions: [LabelRegion] = []
    for (structure, value) in zip(structures, written) {
      guard structure.values.contains(value) else {
        throw .label(
          path: path,
          .regionWritesOther(
            region: structure.name, value: Int(value), values: structure.values.map(Int.init)))
      }
      regions.append(LabelRegion(name: structure.name, values: structure.values, writtenValue: value))
    }
    return regions
  }
}
