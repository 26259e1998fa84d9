import Foundation

/// Writes tar archives entry by entry, also such as no program writes.
struct TarWriter {
  private(set) var bytes: [UInt8] = []

  mutating func add(
    _ name: String, _ contents: [UInt8] = [], flag: Character = "0", prefix: String = "", size: String? = nil
  ) {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    }
    put(name, at: 0)
    put("0000644", at: 100)
    put(size ?? String(contents.count, radix: 8), at: 124)
    put(String(flag), at: 156)
    put("ustar\u{0}00", at: 257)
    put(prefix, at: 345)
    put("        ", at: 148)
    let checksum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - checksum.count) + checksum + "\u{0}", at: 148)
    bytes += block + contents + [UInt8](repeating: 0, count: (512 - contents.count % 512) % 512)
  }

  /// A pax header for the next entry.
  mutating func addRecord(_ key: String, _ value: String) {
    let text = " \(key)=\(value)\n"
    let length = (1...9).first {
      text.utf8.count + $0 == String(text.utf8.count + $0).count + text.utf8.count
    }!
    add("pax", Array("\(text.utf8.count + length)\(text)".utf8), flag: "x")
  }

  mutating func close() { bytes += [UInt8](repeating: 0, count: 1024) }
}
