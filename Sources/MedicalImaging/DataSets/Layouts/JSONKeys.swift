import Foundation

/// The keys of one object of a JSON text in their order, each as often as it is there: what a parser into a dictionary
/// loses.
struct JSONKeys {
  private let text: [UInt8]
  private var position = 0

  /// The keys of the object under a key of the outermost object; none where there is no such object.
  ///
  /// - Parameter text: valid JSON in UTF-8.
  static func keys(ofObject key: String, in text: Data) -> [String] {
    var found: [String] = []
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var outer = JSONKeys(text: [UInt8](text.starts(with: byteOrderMark) ? text.dropFirst(3) : text))
    outer.members { name, scanner in
      if name == key {
        found = []
        scanner.members { inner, scanner in
          found.append(inner)
          scanner.skipValue()
        }
      } else {
        scanner.skipValue()
      }
    }
    return found
  }

  private init(text: [UInt8]) { self.text = text }

  private var next: UInt8? { position < text.count ? text[position] : nil }

  /// Calls `body` with the name of each member of the object that begins here, before its value, which `body` skips. Skips
  /// what is no object.
  private mutating func members(_ body: (String, inout JSONKeys) -> Void) {
    advance(to: { !Self.isSpace($0) })
    guard next == UInt8(ascii: "{") else { return skipValue() }
    position += 1
    while true {
      advance(to: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "}") })
      guard next == UInt8(ascii: "\"") else { break }
      let name = string()
      advance(to: { $0 == UInt8(ascii: ":") })
      position += 1
      body(name, &self)
    }
    position += 1
  }

  private mutating func skipValue() {
    var depth = 0
    advance(to: { !Self.isSpace($0) })
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        skipString()
        if depth == 0 { return }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return }
        depth -= 1
        if depth == 0 {
          position += 1
          return
        }
      case UInt8(ascii: ",") where depth == 0: return
      default: break
      }
      position += 1
    }
  }

  /// The string that begins here.
  private mutating func string() -> String {
    let start = position
    skipString()
    let token = Data(text[start..<min(position, text.count)])
    return (try? JSONDecoder().decode(String.self, from: token)) ?? ""
  }

  private mutating func skipString() {
    position += 1
    while let byte = next, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
    position += 1
  }

  private mutating func advance(to isWanted: (UInt8) -> Bool) {
    while let byte = next, !isWanted(byte) { position += 1 }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}
