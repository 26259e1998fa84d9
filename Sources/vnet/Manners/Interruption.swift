import Foundation

/// What Ctrl-C says while a model is trained: how to go on. The process ends as it would without.
struct Interruption {
  private static let advice: StaticString =
    "\nStopped; the same command with --resume goes on from the last checkpoint.\n"

  private let isHandled: Bool

  /// - Parameter printsAdvice: false for processes that say nothing. Where Ctrl-C is ignored, as behind a shell's &, it stays so.
  init(printsAdvice: Bool) {
    var present = sigaction()
    sigaction(SIGINT, nil, &present)
    isHandled = printsAdvice && present.__sigaction_handler.sa_handler == nil
    guard isHandled else { return }
    signal(SIGINT) { number in
      // Nothing but what POSIX allows in a handler.
      _ = write(STDERR_FILENO, Interruption.advice.utf8Start, Interruption.advice.utf8CodeUnitCount)
      signal(number, SIG_DFL)
      raise(number)
    }
  }

  /// From here on Ctrl-C says nothing.
  func end() { if isHandled { signal(SIGINT, SIG_DFL) } }
}
