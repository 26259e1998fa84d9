/// How the name of a mask's file tells that it is one: "case_seg" beside the scan "case", or "seg".
public enum MaskName {
  private static let words = ["seg", "mask", "label", "labels", "segmentation"]
  private static let ends = words.map { "_" + $0 } + words.map { "-" + $0 }

  /// The names that the mask of a case may have, without their endings, the likeliest first.
  static func candidates(ofCase name: String) -> [String] { [name] + ends.map { name + $0 } }

  /// Whether a name, without its ending, has one of the ends.
  static func hasEnd(_ name: String) -> Bool { ends.contains(where: name.lowercased().hasSuffix) }

  /// Whether a name, without its ending and folders, is that of a mask rather than of a scan.
  public static func isLikely(_ name: String) -> Bool { hasEnd(name) || words.contains(name.lowercased()) }

  /// The name of the case that a mask is of, as far as its end tells.
  public static func caseName(_ name: String) -> String {
    ends.first(where: name.lowercased().hasSuffix).map { String(name.dropLast($0.count)) } ?? name
  }
}
