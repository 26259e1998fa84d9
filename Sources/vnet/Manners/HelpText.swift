import Foundation

/// A command's help as it is shown: its examples, which stand in its discussion for manual pages, come last, and lines of usage
/// are as wide as a terminal.
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

  /// The columns of a terminal.
  private static let columns = 80

  /// A text whose lines of usage are broken between options.
  static func wrappingUsage(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.lowercased().hasPrefix("usage: ") && line.count > columns ? wrapped(String(line)) : String(line)
    }.joined(separator: "\n")
  }

  private static func wrapped(_ usage: String) -> String {
    let indent = String(repeating: " ", count: "usage: ".count)
    var lines: [String] = []
    for part in parts(of: usage) {
      if let last = lines.last, last.count + 1 + part.count <= columns {
        lines[lines.count - 1] += " " + part
      } else {
        lines.append(lines.isEmpty ? part : indent + part)
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The words of a line; brackets stay whole, and a value with its option.
  private static func parts(of usage: String) -> [String] {
    var parts: [String] = []
    var depth = 0
    for word in usage.split(separator: " ") {
      let belongs = depth > 0 || word.hasPrefix("<") && parts.last?.hasPrefix("-") == true || word == "..."
      if belongs, !parts.isEmpty { parts[parts.count - 1] += " " + word } else { parts.append(String(word)) }
      depth += word.count { "[<".contains($0) } - word.count { "]>".contains($0) }
    }
    return parts
  }

  private static func isExamples(_ paragraph: String) -> Bool {
    paragraph.split(separator: "\n").allSatisfy { $0.hasPrefix(program) }
  }
}
