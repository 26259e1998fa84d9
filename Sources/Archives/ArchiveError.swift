import PlainText

/// Why an archive is not unpacked. What an archive names is told as one harmless line.
package enum ArchiveError: Error, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case notAnArchive(path: String)
  /// It ends in the midst of an entry, or without its end.
  case truncated(path: String)
  case damaged(path: String, entry: String)
  /// The entry would lie outside of the folder.
  case unsafePath(path: String, entry: String)
  /// A link, a device or whatever else is neither a file nor a folder.
  case unsupportedEntry(path: String, entry: String, kind: String)
  case repeatedEntry(path: String, entry: String)
  /// - Parameter file: that cannot be written.
  case unwritable(file: String, reason: String)

  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)); check that the file is there and may be read."
    case .notAnArchive(let path):
      "\(path): is no tar archive, also not one in gzip's form; unpack it with the program that made it."
    case .truncated(let path):
      "\(path): the archive ends too early; fetch it again."
    case .damaged(let path, let entry):
      "\(path): the archive is damaged behind '\(entry.printable)'; fetch it again."
    case .unsafePath(let path, let entry):
      "\(path): '\(entry.printable)' leads out of the archive's folder; nothing of this archive is to be trusted, take another."
    case .unsupportedEntry(let path, let entry, let kind):
      "\(path): '\(entry.printable)' is \(kind), which no data set needs; unpack the archive yourself if you trust it."
    case .repeatedEntry(let path, let entry):
      "\(path): '\(entry.printable)' is in the archive twice, or both file and folder; unpack it yourself if you trust it."
    case .unwritable(let file, let reason):
      "\(file.printable): cannot be written (\(reason)); make room or choose another folder."
    }
  }
}
