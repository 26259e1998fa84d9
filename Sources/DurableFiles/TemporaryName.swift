import Foundation

/// The name of a file that is written beside its target before it takes its place: `.TARGET.HOST.PROCESS-NUMBER.tmp`, which no
/// other writer uses, and which tells who left it behind.
public struct TemporaryName {
  /// In the target's folder.
  public let path: String

  public init(for target: String) {
    let url = URL(fileURLWithPath: target)
    let folder = url.deletingLastPathComponent().path
    let writer = "\(Self.host).\(getpid())-\(UInt32.random(in: 0 ... .max))"
    path = "\(folder)/.\(url.lastPathComponent).\(writer).tmp"
  }

  /// Removes the files that processes of this machine which are gone left behind in a folder; those of living processes, of
  /// other machines and of other programs stay.
  public static func sweep(_ folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where isLeftBehind(name) { unlink("\(folder)/\(name)") }
  }

  static func isLeftBehind(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard name.hasPrefix("."), parts.count >= 5, parts.last == "tmp", parts[parts.count - 3] == host else {
      return false
    }
    let writer = parts[parts.count - 2].split(separator: "-")
    guard writer.count == 2, UInt32(writer[1]) != nil, let process = Int32(writer[0]), process > 0 else {
      return false
    }
    return kill(process, 0) != 0 && errno == ESRCH
  }

  /// This machine's name without what divides the parts of a file's name.
  private static let host = String(
    ProcessInfo.processInfo.hostName.map { $0.isLetter || $0.isNumber ? $0 : "-" }.prefix(64))
}
