import PlainText

/// Why a data set could not be fetched.
enum DownloadError: Error, CustomStringConvertible {
  case unknownAddress(String)
  case isThere(path: String)
  /// Another process fetches into the same folder.
  case isBusy(path: String)
  case noCurl(address: String)
  /// - Parameter byteCount: what is there of the file.
  case stopped(address: String, reason: String, byteCount: Int)
  case wrongDigest(path: String, found: String, expected: String, isRemoved: Bool)

  var description: String {
    switch self {
    case .unknownAddress(let text):
      "--from \(text) is of an unknown kind; give http://, https://, file:// or a file's path."
    case .isThere(let path):
      "--output \(path) is there already, and nothing in it is replaced; choose another folder or remove it."
    case .isBusy(let path):
      "--output \(path) is being downloaded by another process; wait for that."
    case .noCurl(let address):
      "\(address): is fetched by curl, which is not on the PATH; install it (apt-get install curl), or fetch the file otherwise "
        + "and give it by --from."
    case .stopped(let address, let reason, let byteCount):
      "\(address): cannot be fetched (\(reason.printable)); "
        + (byteCount > 0
          ? "the same command goes on after the \(byteCount) bytes that came."
          : "check the address and the network.")
    case .wrongDigest(let path, let found, let expected, let isRemoved):
      "\(path): the archive is damaged or another one (MD5 \(found), not \(expected)); "
        + (isRemoved ? "it is removed, and the same command fetches it anew." : "fetch it again.")
    }
  }
}
