import CZlib
import Foundation

/// A tar archive, as it is or in gzip's form, whose contents nobody vouches for: only files and folders below one folder are
/// unpacked, and anything else is refused with the whole archive. Owners, modes and times are left out.
package struct TarArchive {
  package let path: String

  /// What a name, or a record that says more of an entry, may take.
  private static let textLimit = 1 << 16

  package init(_ path: String) { self.path = path }

  /// Unpacks all entries into a new or empty folder. 1 MiB of memory.
  ///
  /// - Returns: how many files there are.
  /// - Throws: `ArchiveError`; what was unpacked until then stays.
  package func extract(into folder: String) throws(ArchiveError) -> Int {
    guard let source = gzopen(path, "rb") else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { gzclose(source) }
    gzbuffer(source, 1 << 17)
    try makeFolder(folder)
    var fileCount = 0
    var entry = EntryNotes()
    var last: String?
    while true {
      let block = try read(TarHeader.byteCount, from: source)
      if block.allSatisfy({ $0 == 0 }) {
        // An empty archive, or a file of zeros.
        guard last != nil else { throw .notAnArchive(path: path) }
        return fileCount
      }
      guard let header = TarHeader(block) else {
        guard let last else { throw .notAnArchive(path: path) }
        throw .damaged(path: path, entry: last)
      }
      let name = entry.name ?? header.name
      switch header.kind {
      case .extended:
        try entry.take(paxRecords: text(of: header, source), path)
      case .longName:
        entry.name = String(
          validating: try text(of: header, source).prefix { $0 != 0 }, as: UTF8.self)
        guard entry.name != nil else { throw .unsafePath(path: path, entry: "a name that is no UTF-8") }
      case .ignored:
        _ = try text(of: header, source)
      case .folder:
        try makeFolders(try components(name), below: folder)
        entry = EntryNotes()
      case .file:
        let parts = try components(name)
        guard let fileName = parts.last else { throw .unsafePath(path: path, entry: name ?? "") }
        let target = try makeFolders(parts.dropLast(), below: folder) + "/" + fileName
        try writeFile(target, entry.size ?? header.size, source)
        fileCount += 1
        entry = EntryNotes()
      case .other(let kind):
        throw .unsupportedEntry(path: path, entry: name ?? "an entry", kind: kind)
      }
      last = name ?? ""
    }
  }

  // MARK: Names

  /// The parts of an entry's path, which stays in its folder.
  private func components(_ name: String?) throws(ArchiveError) -> [String] {
    guard let name else { throw .unsafePath(path: path, entry: "a name that is no UTF-8") }
    let parts = name.split(separator: "/").map(String.init).filter { $0 != "." }
    guard !name.hasPrefix("/"), !parts.contains(".."), !name.utf8.contains(0) else {
      throw .unsafePath(path: path, entry: name)
    }
    return parts
  }

  @discardableResult
  private func makeFolders(_ parts: some Sequence<String>, below folder: String) throws(ArchiveError)
    -> String
  {
    var folder = folder
    for part in parts {
      folder += "/" + part
      try makeFolder(folder)
    }
    return folder
  }

  private func makeFolder(_ folder: String) throws(ArchiveError) {
    guard mkdir(folder, 0o755) != 0 else { return }
    let code = errno
    var facts = stat()
    // Links are not followed: there are none but those that somebody else makes meanwhile.
    guard code == EEXIST, lstat(folder, &facts) == 0 else {
      throw .unwritable(file: folder, reason: String(cString: strerror(code)))
    }
    guard facts.st_mode & S_IFMT == S_IFDIR else { throw .repeatedEntry(path: path, entry: folder) }
  }

  // MARK: Contents

  /// The contents of an entry that says something of others.
  private func text(of header: TarHeader, _ source: gzFile) throws(ArchiveError) -> [UInt8] {
    guard header.size <= Self.textLimit else { throw .damaged(path: path, entry: header.name ?? "") }
    return Array(try read(padded(header.size), from: source).prefix(header.size))
  }

  private func writeFile(_ target: String, _ size: Int, _ source: gzFile) throws(ArchiveError) {
    let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      if errno == EEXIST { throw .repeatedEntry(path: path, entry: target) }
      throw .unwritable(file: target, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var left = size
    while left > 0 {
      let bytes = try read(min(left, 1 << 20), from: source)
      var written = 0
      while written < bytes.count {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw .unwritable(file: target, reason: String(cString: strerror(errno))) }
        written += count
      }
      left -= bytes.count
    }
    _ = try read(padded(size) - size, from: source)
  }

  /// Contents fill whole blocks.
  private func padded(_ size: Int) -> Int {
    (size + TarHeader.byteCount - 1) / TarHeader.byteCount * TarHeader.byteCount
  }

  private func read(_ count: Int, from source: gzFile) throws(ArchiveError) -> [UInt8] {
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    let found = gzread(source, &bytes, UInt32(count))
    guard found >= 0 else {
      var code: Int32 = 0
      let reason = String(cString: gzerror(source, &code))
      if code == Z_ERRNO { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
      if code == Z_BUF_ERROR { throw .truncated(path: path) }
      throw .unreadable(path: path, reason: reason)
    }
    guard found == count else { throw .truncated(path: path) }
    return bytes
  }
}

/// What entries before it say of an entry.
private struct EntryNotes {
  var name: String?
  var size: Int?

  /// Takes "LENGTH KEY=VALUE\n", one after the other; of the keys, path and size count.
  ///
  /// Source: POSIX.1-2017, pax Extended Header.
  mutating func take(paxRecords bytes: [UInt8], _ archive: String) throws(ArchiveError) {
    var rest = bytes[...]
    while let space = rest.firstIndex(of: 0x20) {
      guard let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length <= rest.count,
        length > space - rest.startIndex + 1,
        let record = String(
          validating: rest[(space + 1)..<(rest.startIndex + length)].dropLast(), as: UTF8.self)
      else { throw .damaged(path: archive, entry: "a pax header") }
      let parts = record.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      if parts.count == 2, parts[0] == "path" { name = parts[1] }
      if parts.count == 2, parts[0] == "size" {
        guard let value = Int(parts[1]), value >= 0, value < 1 << 60 else {
          throw .damaged(path: archive, entry: "a pax header")
        }
        size = value
      }
      rest = rest.dropFirst(length)
    }
  }
}
