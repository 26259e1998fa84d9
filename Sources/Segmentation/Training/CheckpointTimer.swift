/// Says when a checkpoint within an epoch is due: a time after the last checkpoint, of whichever kind.
struct CheckpointTimer {
  /// nil for no checkpoints within epochs.
  private let interval: Duration?
  private var last = ContinuousClock.now

  init(every interval: Duration?) { self.interval = interval }

  var isDue: Bool { interval.map { ContinuousClock.now - last >= $0 } ?? false }

  /// A checkpoint was written.
  mutating func restart() { last = ContinuousClock.now }
}
