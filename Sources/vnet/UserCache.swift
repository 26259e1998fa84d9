import Foundation

/// Where the command keeps what it can make again: in the user's cache folder (XDG_CACHE_HOME, or else ~/.cache). It
/// may be removed at any time.
///
/// Source: XDG Base Directory Specification 0.8, by which a variable that is empty or a relative path is ignored.
enum UserCache {
  static var folder: String {
    let environment = ProcessInfo.processInfo.environment
    let named = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return (named ?? (NSHomeDirectory() as NSString).appendingPathComponent(".cache")) + "/vnet"
  }
}
