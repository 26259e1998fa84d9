import Foundation
import Testing
import Training

@Suite struct SafetensorsBadInputTests {
  typealias Problem = SafetensorsError.Problem

  /// A file with the given header and as many data bytes.
  static func bytes(_ header: String, dataCount: Int = 0) -> [UInt8] {
    let text = Array(header.utf8)
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
      + [UInt8](repeating: 0, count: dataCount)
  }

  static func problem(of bytes: [UInt8]) -> Problem? {
    do {
      _ = try SafetensorsFile(parsing: bytes, path: "model.safetensors")
      return nil
    } catch {
      let text = error.description
      #expect(text.hasPrefix("model.safetensors: ") && !text.contains("\n"))
      return error.problem
    }
  }

  static let entry = #""dtype":"F32","shape":[2],"data_offsets":[0,8]"#

  static let badHeaders: [(header: String, dataCount: Int, problem: Problem)] = [
    ("", 0, .headerSyntax(offset: 0, expected: "'{'")),
    ("[]", 0, .headerSyntax(offset: 0, expected: "'{'")),
    ("{} x", 0, .headerSyntax(offset: 3, expected: "its end")),
    (#"{"w"#, 0, .headerSyntax(offset: 3, expected: "the end of a string")),
    (#"{"a\ud800x":{}}"#, 0, .headerSyntax(offset: 9, expected: "the second half of a surrogate pair")),
    (#"{"a\udc00":{}}"#, 0, .headerText),
    (#"{"w":{\#(entry)},"w":{\#(entry)}}"#, 8, .duplicateName("w")),
    (#"{"w":{\#(entry),"dtype":"F32"}}"#, 8, .duplicateName("dtype")),
    (#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, .duplicateName("a")),
    (#"{"__metadata__":{"a":1}}"#, 0, .headerSyntax(offset: 21, expected: "'\"'")),
    (#"{"w":{"dtype":"F99"}}"#, 0, .dtype(tensor: "w", found: "F99")),
    (#"{"w":{"dtype":"F32","shape":[2]}}"#, 8, .missingKey(tensor: "w", key: "data_offsets: [begin, end]")),
    (#"{"w":{\#(entry),"x":1}}"#, 8, .unknownKey(tensor: "w", key: "x")),
    (
      #"{"w":{"dtype":"F32","shape":[-2]}}"#, 0,
      .headerSyntax(offset: 29, expected: "a whole number from 0 to 2^63 - 1")
    ),
    (
      #"{"w":{"dtype":"F32","shape":[9223372036854775808]}}"#, 0,
      .headerSyntax(offset: 29, expected: "a whole number from 0 to 2^63 - 1")
    ),
    (#"{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, 8, .shape(tensor: "w")),
    (#"{"w":{\#(entry)}}"#, 7, .offsets(tensor: "w", begin: 0, end: 8, available: 7)),
    (
      #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8,
      .offsets(tensor: "w", begin: 8, end: 0, available: 8)
    ),
    (
      #"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8,
      .byteCount(tensor: "w", expected: 12, found: 8)
    ),
    (
      #"{"v":{\#(entry)},"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12,
      .notAdjacent(tensor: "w", begin: 4, expected: 8)
    ),
    (
      #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12,
      .notAdjacent(tensor: "w", begin: 4, expected: 0)
    ),
    (#"{"w":{\#(entry)}}"#, 9, .trailingBytes(1)),
  ]

  @Test(arguments: badHeaders)
  func aBadHeaderIsRefused(header: String, dataCount: Int, problem: Problem) {
    #expect(Self.problem(of: Self.bytes(header, dataCount: dataCount)) == problem)
  }

  @Test func aShortFileIsRefused() {
    #expect(Self.problem(of: [1, 2, 3]) == .shorterThanHeaderLength(byteCount: 3))
  }

  @Test(arguments: [UInt64.max, 1 << 63, 100, 17])
  func anAbsurdHeaderLengthIsRefused(length: UInt64) {
    let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + [UInt8](repeating: 0x20, count: 16)
    #expect(Self.problem(of: bytes) == .headerLength(length, available: 16))
  }

  @Test func aHeaderThatIsNotUTF8IsRefused() {
    var bytes = Self.bytes(#"{"w":{\#(Self.entry)}}"#, dataCount: 8)
    bytes[10] = 0xFF
    #expect(Self.problem(of: bytes) == .headerText)
  }

  @Test func aMissingFileIsNamed() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/none.safetensors"
      let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: path) }
      #expect(error?.description.contains("No such file or directory") == true)
      #expect(error?.description.hasPrefix(path) == true)
      #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: folder) }
    }
  }

  /// Flips, overwrites, cuts and doubles bytes: each file is read, or refused with one sentence.
  @Test func twoThousandMutationsAreReadOrRefused() throws {
    let path = try SafetensorsTests.goldenPath()
    let golden = [UInt8](try #require(FileManager.default.contents(atPath: path)))
    var refused = 0
    for seed in 0..<2_000 {
      if Self.problem(of: mutated(golden, seed: UInt64(seed))) != nil { refused += 1 }
    }
    #expect(refused > 1_000)
  }

  /// One to four mutations, most of them in the header, where the structure is.
  private func mutated(_ golden: [UInt8], seed: UInt64) -> [UInt8] {
    var random = SplitMix64(state: seed)
    var bytes = golden
    for _ in 0...Int.random(in: 0..<4, using: &random) where !bytes.isEmpty {
      let bound = Bool.random(using: &random) ? min(730, bytes.count) : bytes.count
      let position = Int.random(in: 0..<bound, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[position] = UInt8.random(in: 0 ... .max, using: &random)
      case 2: bytes[position] = Array("{}[]\",:\\u0919".utf8).randomElement(using: &random)!
      case 3: bytes.removeSubrange(position..<min(position + 9, bytes.count))
      case 4: bytes.removeLast(bytes.count - position)
      default: bytes.insert(contentsOf: bytes[position...].prefix(20), at: position)
      }
    }
    return bytes
  }
}

/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
