import Foundation

/// A stream that a program is born with, by its descriptor.
enum StandardStream: Int32, CaseIterable {
  case input = 0
  case output = 1
  case error = 2

  /// Takes the descriptors of closed streams, so that no file that is opened later gets one of them and all that is printed.
  /// What is written to such a stream still fails.
  static func occupyClosed() {
    for stream in allCases where fcntl(stream.rawValue, F_GETFD) < 0 {
      _ = open("/dev/null", stream == .input ? O_WRONLY : O_RDONLY)
    }
  }

  /// Writes all of a text.
  /// - Returns: the `errno` of what went wrong; nil where all is written.
  func write(_ text: String) -> Int32? {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Foundation.write(rawValue, $0.baseAddress, $0.count) }
      if written >= 0 {
        bytes = bytes.dropFirst(written)
      } else if errno == EAGAIN {
        // The other end made the stream return at once where it is full.
        var wish = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        poll(&wish, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}
