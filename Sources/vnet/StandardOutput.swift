import Foundation
import PlainText
import Synchronization

/// Prints to the standard output, what is unprintable escaped. In this module it stands before Swift's own `print`, so that
/// all that is printed goes through `StandardOutput`.
func print(_ content: some CustomStringConvertible, terminator: String = "\n") {
  StandardOutput.write((content.description + terminator).printableLines)
}

/// The one way to the standard output. A write that fails neither ends the program nor is it lost: one sentence on the
/// standard error tells it, the work goes on, and at its end the exit status is `status`.
enum StandardOutput {
  /// The exit status of a program whose output is incomplete: `EX_IOERR` of sysexits.h.
  static let failureStatus: Int32 = 74

  private enum State {
    case whole
    /// Nothing is to be printed.
    case silent
    /// Nobody reads any more: for programs in a pipe no fault.
    case unread
    case incomplete
  }

  private static let state = Mutex(State.whole)

  /// The exit status of a command that did its work.
  static var status: Int32 { state.withLock { $0 == .incomplete ? failureStatus : 0 } }

  /// Whether nothing is to be printed.
  static var isSilent: Bool { state.withLock { $0 == .silent } }

  /// Prints nothing from here on.
  static func silence() { state.withLock { $0 = .silent } }

  /// Writes a text as it is; once a write has failed, nothing.
  static func write(_ text: String) {
    state.withLock { state in
      guard state == .whole, let code = StandardStream.output.write(text) else { return }
      state = code == EPIPE ? .unread : .incomplete
      guard state == .incomplete else { return }
      standardErrorLine(
        "Error: the standard output cannot be written (\(String(cString: strerror(code)))), and what is missing there is "
          + "lost; give it a file on a disk with space left.")
    }
  }

  /// Lets the program live on when nobody reads its output any more. Otherwise it ends with its reader, as programs in a
  /// pipe do.
  static func outliveReader() { signal(SIGPIPE, SIG_IGN) }
}
