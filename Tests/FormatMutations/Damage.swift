import SeededRandom

/// Damage to a file of fields at fixed bytes, such as NIfTI's.
func binaryDamaged(_ original: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
  guard original.count > 16 else { return [] }
  var bytes = original
  let headerCount = min(bytes.count, 540)
  switch Int.random(in: 0..<6, using: &random) {
  case 0:  // flipped bits anywhere
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    }
  case 1:  // truncated
    bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
  case 2:  // random dimensions
    let first = bytes[0] == 0x1C || bytes[3] == 0x1C ? 16 : 40
    for offset in min(first, bytes.count)..<min(first + 64, bytes.count) where Bool.random(using: &random) {
      bytes[offset] = [0, 1, 2, 3, 0x7F, 0xFF].randomElement(using: &random) ?? 0
    }
  case 3:  // a field of random bytes
    let start = Int.random(in: 0..<headerCount - 8, using: &random)
    for offset in start..<start + 8 { bytes[offset] = UInt8.random(in: 0...255, using: &random) }
  case 4:  // a field of extreme bytes
    let start = Int.random(in: 0..<headerCount - 8, using: &random)
    let extreme: UInt8 = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
    for offset in start..<start + 8 { bytes[offset] = extreme }
  default:  // parts repeated
    let cut = Int.random(in: 0..<bytes.count, using: &random)
    bytes = Array(bytes.prefix(cut)) + bytes
  }
  return bytes
}

/// What is written in place of a word of a header.
private let oddWords = [
  "0", "-1", "1", "2", "4", "1e308", "-1e308", "1e-320", "nan", "inf", "9223372036854775807",
  "-9223372036854775808",
  "99999999999999999999", "2147483648", "65536", "0x10", "", "LIST", "../a", "/etc/passwd", "%03d.raw",
  "none", "(1,0)",
  "(1,0,0)", "(", ")", "(,,)", "True", "False", "ascii", "gzip", "raw", "hex", "big", "LOCAL", "MET_CHAR",
  "MET_DOUBLE",
  "double", "uchar", "list", "time", "\u{1B}[31m", "é", "=", ":", ":=", "#",
]

/// Damage to words and lines of a text at the start of a file.
func textDamaged(_ original: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
  var lines = original.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
  for _ in 0..<Int.random(in: 1...3, using: &random) {
    let index = Int.random(in: 0..<min(lines.count, 20), using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0:  // a line twice, or in another place
      lines.insert(lines[index], at: Int.random(in: 0..<min(lines.count, 20), using: &random))
    case 1 where lines.count > 1:
      lines.remove(at: index)
    case 2:  // an end of line of another system, or none
      lines[index].append(Bool.random(using: &random) ? UInt8(ascii: "\r") : 0)
    default:  // a word
      var words = lines[index].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map(
        Array.init)
      let word = Array((oddWords.randomElement(using: &random) ?? "").utf8)
      words[Int.random(in: 0..<words.count, using: &random)] = word
      if Int.random(in: 0..<4, using: &random) == 0 { words.append(word) }
      lines[index] = Array(words.joined(separator: [UInt8(ascii: " ")]))
    }
  }
  return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
}
