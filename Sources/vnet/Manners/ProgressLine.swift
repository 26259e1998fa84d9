import Foundation

/// A line on a terminal's standard error that is redrawn as work goes on: how much is done, and the time left.
enum ProgressLine {
  /// Shows where work is; at its end the line is cleared. Does nothing where the standard error is no terminal.
  ///
  /// - Parameters:
  ///   - text: what is done, in words.
  ///   - done, total: by which the time left is estimated.
  ///   - start: of the work.
  static func show(_ text: String, done: Int, of total: Int, since start: ContinuousClock.Instant) {
    guard isatty(STDERR_FILENO) == 1, total > 1 else { return }
    let seconds = (ContinuousClock.now - start) / .seconds(1) * Double(total - done) / Double(max(done, 1))
    let line = done < total ? "\(text)  \(duration(seconds)) left" : ""
    _ = StandardStream.error.write("\r\(line)\u{1B}[K")
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
