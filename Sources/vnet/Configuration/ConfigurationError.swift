import PlainText

/// What is wrong with a configuration file.
struct ConfigurationFileError: Error, CustomStringConvertible {
  let path: String
  /// The key at fault; nil for the file as a whole.
  var key: String?
  /// What is wrong and what to do.
  let reason: String

  var description: String {
    "\(path): " + (key.map { "\"\($0)\": " } ?? "") + reason.printable
  }
}
