/// What the values of a data set's masks mean.
///
/// Between files and networks a label is its index: the place of its value among `values`. An ignored voxel has the index
/// behind them, `ignoredIndex`.
public struct LabelScheme: Codable, Hashable, Sendable {
  public let form: Form
  /// The value of voxels of which nothing is known: nothing is learned from them and nothing measured there.
  public let ignoredValue: UInt8?

  public enum Form: Codable, Hashable, Sendable {
    /// Each voxel is of one class. Ascending by value; the first, 0, is the background.
    case classes([LabelClass])
    /// Regions that may overlap, in the order in which they are written into a mask: the later one's value stays.
    case regions([LabelRegion])
  }

  /// - Precondition: the first class has the value 0 and the others ascend, regions hold values above 0 and write one of their
  ///   own, and the ignored value is none of those.
  public init(_ form: Form, ignoredValue: UInt8? = nil) {
    self.form = form
    self.ignoredValue = ignoredValue
    switch form {
    case .classes(let classes):
      precondition(classes.first?.value == 0 && classes.map(\.value) == values, "classes out of order")
    case .regions(let regions):
      precondition(regions.allSatisfy { $0.values.contains($0.writtenValue) && !$0.values.contains(0) })
    }
    precondition(ignoredValue.map { !values.contains($0) } ?? true, "a class is ignored")
  }

  /// Classes by their values, of which 0 is the background.
  public init(names: [Int: String]) {
    self.init(
      .classes(names.sorted { $0.key < $1.key }.map { LabelClass(name: $0.value, value: UInt8($0.key)) }))
  }

  /// Classes with the values 0 to n - 1.
  public init(classNames: [String]) {
    self.init(names: Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($0, $1) }))
  }

  /// The names of what a network gives for each voxel: of the classes, the background first, or of the regions.
  public var outputNames: [String] {
    switch form {
    case .classes(let classes): classes.map(\.name)
    case .regions(let regions): regions.map(\.name)
    }
  }

  /// Whether a voxel may lie in several structures, and none of the outputs is the background's.
  public var hasRegions: Bool {
    switch form {
    case .classes: false
    case .regions: true
    }
  }

  /// What to do about values in masks that a scheme does not know, as the end of a sentence.
  public static let remedyForUndeclared =
    "declare them (\"labels\" of a dataset.json; --classes wants a name for each value from 0 on, and without it the values that "
    + "occur are taken), or correct the mask"

  // MARK: Values and indices

  /// The values of voxels that are not ignored, ascending, the background's 0 first.
  public var values: [UInt8] {
    switch form {
    case .classes(let classes): Set(classes.map(\.value)).sorted()
    case .regions(let regions): Set(regions.flatMap(\.values) + [0]).sorted()
    }
  }

  /// The index of ignored voxels; nil where there are none.
  public var ignoredIndex: UInt8? { ignoredValue == nil ? nil : UInt8(values.count) }

  /// Every value that masks may have, ascending.
  public var declaredValues: [Int] { (values + [ignoredValue].compactMap { $0 }).map(Int.init).sorted() }

  /// Whether masks may have a value.
  public func declares(_ value: Int) -> Bool { declaredValues.contains(value) }

  /// Whether a value's index is the value.
  var isConsecutive: Bool { ignoredValue == nil && Int(values.last ?? 0) == values.count - 1 }

  // MARK: Structures

  /// What is segmented and measured: the classes but the background, or the regions.
  public var structures: [Structure] {
    let values = values
    func indices(_ wanted: [UInt8]) -> [UInt8] {
      values.indices.filter { wanted.contains(values[$0]) }.map { UInt8($0) }
    }
    switch form {
    case .classes(let classes):
      return classes.enumerated().dropFirst().map { index, entry in
        Structure(name: entry.name, output: index, labels: indices([entry.value]), values: [entry.value])
      }
    case .regions(let regions):
      return regions.enumerated().map { index, region in
        Structure(name: region.name, output: index, labels: indices(region.values), values: region.values)
      }
    }
  }

  /// Something that is segmented and measured.
  public struct Structure: Hashable, Sendable {
    public let name: String
    /// Its place among a network's outputs.
    public let output: Int
    /// The indices of the labels whose voxels lie in it, ascending.
    public let labels: [UInt8]
    /// The values of those labels.
    public let values: [UInt8]
  }

  /// For each label by its index the outputs that are true of its voxels.
  public var trueOutputs: [[Int]] {
    switch form {
    case .classes(let classes): classes.indices.map { [$0] }
    case .regions:
      values.indices.map { label in
        structures.filter { $0.labels.contains(UInt8(label)) }.map(\.output)
      }
    }
  }
}

/// A class of voxels.
public struct LabelClass: Codable, Hashable, Sendable {
  public let name: String
  public let value: UInt8

  public init(name: String, value: UInt8) {
    self.name = name
    self.value = value
  }
}

/// A region, which holds the voxels of some values.
public struct LabelRegion: Codable, Hashable, Sendable {
  public let name: String
  /// Ascending.
  public let values: [UInt8]
  /// What a mask has where the region is the last that was found.
  public let writtenValue: UInt8

  public init(name: String, values: [UInt8], writtenValue: UInt8) {
    self.name = name
    self.values = Set(values).sorted()
    self.writtenValue = writtenValue
  }
}

extension LabelScheme: CustomStringConvertible {
  /// The names, with the values where those do not go without saying.
  public var description: String {
    if isConsecutive, case .classes = form { return outputNames.joined(separator: ", ") }
    return valuedNames.joined(separator: ", ")
  }

  /// Each name with its values.
  public var valuedNames: [String] {
    let ignored = ignoredValue.map { ["ignored = \($0)"] } ?? []
    switch form {
    case .classes(let classes): return classes.map { "\($0.name) = \($0.value)" } + ignored
    case .regions(let regions):
      return regions.map { region in
        "\(region.name) = \(region.values.map(String.init).joined(separator: " ")) (written \(region.writtenValue))"
      } + ignored
    }
  }
}
