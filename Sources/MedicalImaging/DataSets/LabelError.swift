/// What can be wrong with the labels that a data set's description declares.
public enum LabelError: Error, Equatable, Sendable {
  /// A label whose name is empty.
  case unnamed(value: Int)
  case equalNames(name: String, values: [Int])
  case equalValues(value: Int, names: [String])
  /// No label has the value 0.
  case noBackground(values: [Int])
  /// The label "background" has another value than 0.
  case backgroundValue([Int])
  case backgroundInRegion(String)
  /// The label "ignore" has the background's value or several.
  case ignoredValue([Int])
  case noRegionOrder(regions: [String])
  case wrongRegionOrder(regions: [String], count: Int)
  /// A region is to be written with a value that is none of its own.
  case regionWritesOther(region: String, value: Int, values: [Int])
}

extension LabelError: CustomStringConvertible {
  /// The rest of a sentence that begins with the file: what is wrong and what to do.
  public var description: String {
    func list(_ values: [Int]) -> String { values.map(String.init).joined(separator: ", ") }
    return switch self {
    case .unnamed(let value):
      "\"labels\" gives the value \(value) no name; name the class."
    case .equalNames(let name, let values):
      "\"labels\" gives the values \(values.map(String.init).joined(separator: " and ")) one name (\(name)); "
        + "give each class a name of its own."
    case .equalValues(let value, let names):
      "\"labels\" gives \(names.joined(separator: " and ")) one value (\(value)); give each class a value of its own."
    case .noBackground(let values):
      "\"labels\" has the values \(list(values)) and none is 0; give the background the value 0, in the masks, too."
    case .backgroundValue(let values):
      "\"labels\" gives the background the value \(list(values)); give it the value 0, in the masks, too."
    case .backgroundInRegion(let region):
      "the region \(region) holds the background's value 0; leave it out of the region's values."
    case .ignoredValue(let values):
      "\"labels\" gives \"ignore\" the value \(list(values)); give it one value above 0 that no class has."
    case .noRegionOrder(let regions):
      "\"labels\" has regions of several values but there is no \"regions_class_order\"; add it, with the value that "
        + "masks are to have for each of \(regions.joined(separator: ", ")), later ones over earlier ones."
    case .wrongRegionOrder(let regions, let count):
      "\"regions_class_order\" has \(count) entries instead of \(regions.count) values from 1 to 255; give one for each "
        + "of \(regions.joined(separator: ", "))."
    case .regionWritesOther(let region, let value, let values):
      "\"regions_class_order\" writes \(value) for the region \(region), whose values are \(list(values)); "
        + "give one of these."
    }
  }
}
