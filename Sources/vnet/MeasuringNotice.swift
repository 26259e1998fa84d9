import Foundation

/// Says on the standard error that the algorithms of convolutions are measured: on a terminal one line that counts and
/// then goes, otherwise one sentence.
struct MeasuringNotice {
  var isTerminal = isatty(STDERR_FILENO) == 1
  var write: (String) -> Void = { _ = StandardStream.error.write($0) }

  /// - Parameter done: layers that are measured, of `count`; 0 at first.
  func show(_ done: Int, of count: Int) {
    let text = "Measuring which algorithms of convolutions are fastest here, once for each kind of layer"
    if isTerminal {
      write("\r\u{1B}[K" + (done < count ? "\(text): \(done) of \(count)" : ""))
    } else if done == 0 {
      write("\(text): \(count).\n")
    }
  }
}
