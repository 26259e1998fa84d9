import Foundation

extension SafetensorsFile {
  /// Reads a safetensors file, trusting nothing in it.
  /// - Throws: `SafetensorsError`, which names the file, the problem and the remedy.
  public init(contentsOf path: String) throws(SafetensorsError) {
    try self.init(parsing: Self.bytes(ofFileAt: path), path: path)
  }

  /// Reads the bytes of a safetensors file.
  /// - Parameter path: the file's name, for error messages.
  /// - Throws: `SafetensorsError`, which names the file, the problem and the remedy.
  public init(parsing bytes: [UInt8], path: String) throws(SafetensorsError) {
    do throws(SafetensorsError.Problem) {
      self = try Self.parsed(bytes)
    } catch {
      throw SafetensorsError(path: path, problem: error)
    }
  }

  private static func parsed(_ bytes: [UInt8]) throws(SafetensorsError.Problem) -> SafetensorsFile {
    let dataOffset = try dataOffset(of: bytes)
    let header = try SafetensorsHeaderParser(parsing: Array(bytes[headerOffset..<dataOffset]))
    var file = SafetensorsFile(metadata: header.metadata)
    var expectedBegin = 0
    let dataCount = bytes.count - dataOffset
    for entry in header.entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      try verify(entry, dataCount: dataCount)
      guard entry.begin == expectedBegin else {
        throw .notAdjacent(tensor: entry.name, begin: entry.begin, expected: expectedBegin)
      }
      let range = (dataOffset + entry.begin)..<(dataOffset + entry.end)
      file.tensors[entry.name] = SafetensorsTensor(
        dtype: entry.dtype, shape: entry.shape, bytes: Array(bytes[range]))
      expectedBegin = entry.end
    }
    guard expectedBegin == dataCount else { throw .trailingBytes(dataCount - expectedBegin) }
    return file
  }

  /// Where the tensors' elements begin: after the header, whose length is checked against the file's.
  private static func dataOffset(of bytes: [UInt8]) throws(SafetensorsError.Problem) -> Int {
    guard bytes.count >= headerOffset else { throw .shorterThanHeaderLength(byteCount: bytes.count) }
    let length = bytes[..<headerOffset].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let available = bytes.count - headerOffset
    guard length <= UInt64(min(available, maximumHeaderLength)) else {
      throw .headerLength(length, available: available)
    }
    return headerOffset + Int(length)
  }

  /// Checks that an entry's bytes lie within the file and are as many as its dtype and shape need.
  private static func verify(
    _ entry: SafetensorsEntry, dataCount: Int
  ) throws(SafetensorsError.Problem) {
    guard entry.begin <= entry.end, entry.end <= dataCount else {
      throw .offsets(tensor: entry.name, begin: entry.begin, end: entry.end, available: dataCount)
    }
    var expected = entry.dtype.byteCount
    for extent in entry.shape {
      let (product, overflows) = expected.multipliedReportingOverflow(by: extent)
      guard !overflows else { throw .shape(tensor: entry.name) }
      expected = product
    }
    let found = entry.end - entry.begin
    guard found == expected else {
      throw .byteCount(tensor: entry.name, expected: expected, found: found)
    }
  }

  private static func bytes(ofFileAt path: String) throws(SafetensorsError) -> [UInt8] {
    func unreadable() -> SafetensorsError {
      SafetensorsError(path: path, problem: .unreadable(reason: String(cString: strerror(errno))))
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable() }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let received = bytes.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress! + count, $0.count - count)
      }
      if received < 0 && errno == EINTR { continue }
      guard received >= 0 else { throw unreadable() }
      // The file was cut while it was read; the parser reports what is missing.
      if received == 0 { break }
      count += received
    }
    return count == bytes.count ? bytes : Array(bytes[..<count])
  }
}
