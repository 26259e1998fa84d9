import ArgumentParser
import Foundation
import Synchronization

/// What becomes of Ctrl-C during long work. Where it is ignored, as behind a shell's &, it stays so.
struct Interruption {
  /// Of a command that Ctrl-C ended early: the shell's for the signal.
  static let status = ExitCode(128 + SIGINT)

  private static let advice: StaticString =
    "\nStopped; the same command with --resume goes on from the last checkpoint.\n"
  private static let notice: StaticString =
    "\nStopping after this scan, with the tables of those that are done; Ctrl-C again stops at once.\n"
  private static let request = Atomic(false)

  private let isHandled: Bool

  /// Of a training: says how to go on. The process ends as it would without.
  ///
  /// - Parameter printsAdvice: false for processes that say nothing.
  init(printsAdvice: Bool) {
    self.init(isWanted: printsAdvice) { number in
      Interruption.say(Interruption.advice)
      signal(number, SIG_DFL)
      raise(number)
    }
  }

  /// Of many scans: the one under way is finished, and what is told of all is told of those that are done.
  ///
  /// - Parameter isWanted: false to end at once, as without.
  init(finishesScan isWanted: Bool) {
    // Made before a handler asks for it.
    _ = Self.request.load(ordering: .relaxed)
    self.init(isWanted: isWanted) { number in
      Interruption.say(Interruption.notice)
      Interruption.request.store(true, ordering: .relaxed)
      signal(number, SIG_DFL)
    }
  }

  private init(isWanted: Bool, _ handler: @escaping @convention(c) (Int32) -> Void) {
    var present = sigaction()
    sigaction(SIGINT, nil, &present)
    isHandled = isWanted && present.__sigaction_handler.sa_handler == nil
    if isHandled { signal(SIGINT, handler) }
  }

  /// Nothing but what POSIX allows in a handler.
  private static func say(_ text: StaticString) {
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }

  /// From here on Ctrl-C says nothing.
  func end() { if isHandled { signal(SIGINT, SIG_DFL) } }

  // MARK: Stopping between scans

  private struct Stopped: Error {}

  var isRequested: Bool { isHandled && Self.request.load(ordering: .relaxed) }

  /// Ends the work that `ending` calls where Ctrl-C asked for that.
  func requireNone() throws { if isRequested { throw Stopped() } }

  func ending(_ work: () throws -> Void) throws {
    do { try work() } catch is Stopped {
      standardErrorLine("Note: stopped; the same command with --skip-existing goes on.")
    }
  }
}
