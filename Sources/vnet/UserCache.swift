import Foundation

/// Where the command keeps what it can make again: in the user's cache folder (XDG_CACHE_HOME, or else ~/.cache). It
/// may be removed at any time.
enum UserCache {
  static var folder: String {
    let environment = ProcessInfo.processInfo.environment
    let cache =
      environment["XDG_CACHE_HOME"] ?? (NSHomeDirectory() as NSString).appendingPathComponent(".cache")
    return cache + "/vnet"
  }
}
