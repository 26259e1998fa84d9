import Foundation
import SeededRandom

/// A file of text or of a header and numbers, whose damaged copies are read by whoever reads such files: checkpoints, lists of
/// cases, divisions, configurations.
public struct Document {
  public let name: String
  private let bytes: [UInt8]
  private let read: (String) throws -> Void

  /// - Parameters:
  ///   - path: of a whole one.
  ///   - read: reads a file by its path.
  public init(_ path: String, read: @escaping (String) throws -> Void) throws {
    name = URL(fileURLWithPath: path).lastPathComponent
    bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    self.read = read
  }

  /// Reads `count` damaged copies, written to `path` one after the other. A reader that traps ends the process.
  ///
  /// - Returns: refusals that are not one line which is a sentence are among the bad ones.
  public func outcome(ofReading count: Int, seed: UInt64, at path: String) throws -> Specimen.Outcome {
    var random = SplitMix64(seed: name.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) })
    var outcome = Specimen.Outcome()
    for _ in 0..<count {
      try Data(damaged(&random)).write(to: URL(fileURLWithPath: path))
      do {
        try read(path)
        outcome.readCount += 1
      } catch {
        outcome.refusedCount += 1
        let sentence = "\(error)"
        if sentence.contains("\n") || !sentence.hasSuffix(".") && !sentence.contains("; ") {
          outcome.badSentences.append(sentence)
        }
      }
    }
    return outcome
  }

  /// The file with some of its first bytes, where descriptions are, replaced, repeated, removed or put in.
  private func damaged(_ random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    let reach = min(bytes.count, 1 << 15)
    for _ in 0..<Int.random(in: 1...4, using: &random) where bytes.count > 1 {
      let place = Int.random(in: 0..<min(reach, bytes.count), using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
      case 3: bytes.replaceSubrange(place..<place, with: bytes[max(0, place - 20)..<place])
      case 4: bytes.removeLast(Int.random(in: 1...min(64, bytes.count - 1), using: &random))
      default: replaceNumber(&bytes, from: place, &random)
      }
    }
    return bytes
  }

  private static let oddValues = [
    "-1", "0", "1e308", "-9223372036854775808", "9223372036854775807", "99999999999999999999", "1.5", "null",
    "true", "[]", "{}", "\"\"", "\"../a\"", "nan", "2147483648", "[[[[", "\"\\u0000\"", "\"\\ud800\"",
  ]

  /// Puts an odd value in place of the next number of the text.
  private func replaceNumber(_ bytes: inout [UInt8], from place: Int, _ random: inout SplitMix64) {
    let isDigit: (UInt8) -> Bool = { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let first = bytes[place...].prefix(4096).firstIndex(where: isDigit) else { return }
    let end = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.endIndex
    bytes.replaceSubrange(first..<end, with: (Self.oddValues.randomElement(using: &random) ?? "").utf8)
  }
}
