import Foundation

/// A line on a terminal's standard error that is redrawn as work goes on: how much is done, how fast, and the time left.
struct ProgressLine {
  private let what: String
  private let total: Int
  private let start = ContinuousClock.now
  private let isShown: Bool

  /// - Parameters:
  ///   - what: becomes of each, such as "read".
  ///   - total: of what is to be done. Of one nothing is shown, nor where the standard error is no terminal or the command is
  ///     quiet.
  init(_ what: String, of total: Int) {
    (self.what, self.total) = (what, total)
    isShown = total > 1 && isatty(STDERR_FILENO) == 1 && !StandardOutput.isSilent
  }

  /// Shows how many are done; when all are, the line is cleared.
  func show(_ done: Int) {
    guard isShown else { return }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    _ = StandardStream.error.write("\r\(done < total ? text(done, after: seconds) : "")\u{1B}[K")
  }

  /// "12 of 26 read  0.8/s  0:18 left".
  func text(_ done: Int, after seconds: Double) -> String {
    let rate = seconds > 0 ? Double(done) / seconds : 0
    guard rate > 0 else { return "\(done) of \(total) \(what)" }
    let speed = rate >= 0.1 ? String(format: "%.1f/s", rate) : String(format: "%.0f s each", 1 / rate)
    return "\(done) of \(total) \(what)  \(speed)  \(Self.duration(Double(total - done) / rate)) left"
  }

  /// "4:05" or "1:02:03".
  static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, whole % 60)
      : String(format: "%d:%02d", minutes, whole % 60)
  }
}

/// The line of work whose amount is known once it has begun.
struct ReadingProgress {
  private var line: ProgressLine?

  mutating func show(_ done: Int, of total: Int) {
    let line = line ?? ProgressLine("read", of: total)
    self.line = line
    line.show(done)
  }
}
