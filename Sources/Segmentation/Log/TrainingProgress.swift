import Foundation
import PlainText

/// Shows how a training run proceeds: epoch, images per second, loss, time left.
///
/// On a terminal one line is redrawn, at most ten times a second; each finished epoch leaves its line. Into
/// a file or a pipe the finished epochs' lines are written, and one in each minute that an epoch takes.
///
///     epoch  3/80  12.4 images/s  loss 0.8123  4:05 left
public struct TrainingProgress {
  /// Where the lines go.
  public struct Output {
    /// Whether a line can be redrawn.
    public var isTerminal: Bool
    public var write: (String) -> Void

    public init(isTerminal: Bool, write: @escaping (String) -> Void) {
      self.isTerminal = isTerminal
      self.write = write
    }
  }

  private static let (redrawInterval, lineInterval) = (0.1, 60.0)
  private static let lineWidth = 80

  private let epochs: Range<Int>
  private let imagesPerEpoch: Int
  private let output: Output
  private let now: () -> Double

  private let start: Double
  private var epoch: Int
  private var epochStart: Double
  private var lastStep: Double
  private var lastRedraw = -Double.infinity
  private var lastLine: Double
  private var imagesOfEpoch = 0
  /// The sum over images, and their number, of the steps that have a loss.
  private var lossSum = 0.0
  private var lossCount = 0

  /// - Parameters:
  ///   - epochs: the epochs that this run trains, from 0; a resumed run begins later.
  ///   - imagesPerEpoch: the number of training cases.
  ///   - output: where lines go.
  public init(epochs: Range<Int>, imagesPerEpoch: Int, output: Output) {
    let clock = ContinuousClock()
    let start = clock.now
    self.init(epochs: epochs, imagesPerEpoch: imagesPerEpoch, output: output) {
      (clock.now - start) / .seconds(1)
    }
  }

  /// - Parameter now: a clock, in seconds.
  package init(
    epochs: Range<Int>, imagesPerEpoch: Int, output: Output, now: @escaping () -> Double
  ) {
    self.epochs = epochs
    self.imagesPerEpoch = imagesPerEpoch
    self.output = output
    self.now = now
    epoch = epochs.lowerBound
    start = now()
    epochStart = start
    lastStep = start
    lastLine = start
  }

  /// Begins an epoch: its rate and its mean loss start afresh.
  public mutating func beginEpoch(_ epoch: Int) {
    self.epoch = epoch
    epochStart = now()
    lastStep = epochStart
    imagesOfEpoch = 0
    (lossSum, lossCount) = (0, 0)
  }

  /// Counts one training step.
  /// - Parameters:
  ///   - images: the size of its batch.
  ///   - loss: the mean loss of its batch; nil for a step that was skipped, which the epoch's mean leaves out.
  public mutating func advance(images: Int, loss: Float?) {
    imagesOfEpoch += images
    if let loss {
      lossSum += Double(loss) * Double(images)
      lossCount += images
    }
    let time = now()
    lastStep = time
    if output.isTerminal {
      guard time - lastRedraw >= Self.redrawInterval else { return }
      lastRedraw = time
      output.write("\r\(line(at: time))\u{1B}[K")
    } else if time - lastLine >= Self.lineInterval {
      lastLine = time
      output.write("\(line(at: time))\n")
    }
  }

  /// Leaves the line of the finished epoch. Its rate is that of training: an evaluation between the last step
  /// and this call does not count.
  /// - Parameter notes: what else to say, for example `validation Dice 0.81`; below where the line would be wider than 80
  ///   characters.
  public mutating func endEpoch(notes: [String] = []) {
    let texts = [line(at: now())] + notes.map(\.printable)
    let line = texts.joined(separator: "  ")
    let isWide = line.count > Self.lineWidth && texts.count > 1
    for text in isWide ? [texts[0], "    " + texts.dropFirst().joined(separator: "  ")] : [line] {
      output.write(output.isTerminal ? "\r\(text)\u{1B}[K\n" : "\(text)\n")
    }
    lastRedraw = -.infinity
    lastLine = now()
  }

  private func line(at time: Double) -> String {
    let last = String(epochs.upperBound)
    let number = String(epoch + 1)
    let padding = String(repeating: " ", count: max(0, last.count - number.count))
    let rate = Double(imagesOfEpoch) / max(lastStep - epochStart, 1e-9)
    let loss = lossCount > 0 ? String(format: "%.4f", lossSum / Double(lossCount)) : "-"
    return "epoch \(padding)\(number)/\(last)  \(String(format: "%.1f", rate)) images/s  "
      + "loss \(loss)  \(timeLeft(at: time)) left"
  }

  /// The time left at the mean rate of the run so far, evaluations included: `4:05` or `1:02:03`.
  private func timeLeft(at time: Double) -> String {
    let done = (epoch - epochs.lowerBound) * imagesPerEpoch + imagesOfEpoch
    let left = max(0, epochs.count * imagesPerEpoch - done)
    guard done > 0 else { return "?" }
    let seconds = Int(((time - start) * Double(left) / Double(done)).rounded())
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, seconds % 60)
      : String(format: "%d:%02d", minutes, seconds % 60)
  }
}
