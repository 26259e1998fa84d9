/// The classes of a data set's masks.
public struct LabelScheme: Equatable, Sendable {
  /// The name of each value that masks may have: 0 (background) to n - 1.
  public let names: [Int: String]

  /// - Precondition: values count from 0 without gaps and fit in a byte.
  public init(names: [Int: String]) {
    precondition(names.keys.sorted() == Array(0..<names.count) && names.count <= 256)
    self.names = names
  }

  /// The names in the order of their values, the background first.
  public var classNames: [String] { names.sorted { $0.key < $1.key }.map(\.value) }

  /// The foreground values with their names, ascending.
  public var foreground: [(value: Int, name: String)] {
    names.sorted { $0.key < $1.key }.filter { $0.key > 0 }.map { ($0.key, $0.value) }
  }

  /// Whether masks may have a value.
  public func declares(_ value: Int) -> Bool { names[value] != nil }
}
