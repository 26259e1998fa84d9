import Foundation

/// A command's help as it is shown: its examples, which stand in its discussion for manual pages, come last.
enum HelpText {
  private static let program = "vnet "

  /// - Parameter text: of the parser.
  static func endingWithExamples(_ text: String) -> String {
    var paragraphs = text.components(separatedBy: "\n\n")
    guard let usage = paragraphs.firstIndex(where: { $0.hasPrefix("USAGE:") }),
      let examples = paragraphs[..<usage].lastIndex(where: isExamples)
    else { return text }
    let lines = paragraphs.remove(at: examples).split(separator: "\n").map { "  " + $0 }
    let rest = paragraphs.joined(separator: "\n\n")
    return rest + (rest.hasSuffix("\n") ? "\n" : "\n\n") + "EXAMPLES:\n" + lines.joined(separator: "\n")
  }

  private static func isExamples(_ paragraph: String) -> Bool {
    paragraph.split(separator: "\n").allSatisfy { $0.hasPrefix(program) }
  }
}
