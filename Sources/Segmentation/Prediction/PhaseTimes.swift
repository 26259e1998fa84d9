import Foundation

/// Where the time of predictions goes: each moment counts for the innermost phase that is under way.
///
/// Used by one thread.
public final class PhaseTimes {
  /// In the order in which a scan goes through them.
  public enum Phase: String, CaseIterable, Sendable {
    /// Files to voxels.
    case reading
    /// Voxels on the model's grid, normalised, in the network's order; windows cut out of them.
    case preparing
    /// Compiling included, which a new shape takes.
    case network
    /// Windows averaged, probabilities on the scan's own grid, classes of them, largest components.
    case resamplingBack = "resampling back"
    /// Masks compared with those that were drawn.
    case measuring
    /// Masks to files.
    case writing
  }

  private var totals: [Phase: Duration] = [:]
  private var phases: [Phase] = []
  /// When the innermost phase began or went on.
  private var since = ContinuousClock.now

  public init() {}

  /// The time of a phase so far.
  public func total(of phase: Phase) -> Duration { totals[phase] ?? .zero }

  /// Counts the time of `body` for a phase, without that of the phases within.
  func measuring<Result>(_ phase: Phase, _ body: () throws -> Result) rethrows -> Result {
    settle()
    phases.append(phase)
    defer {
      settle()
      phases.removeLast()
    }
    return try body()
  }

  private func settle() {
    let now = ContinuousClock.now
    if let phase = phases.last { totals[phase, default: .zero] += now - since }
    since = now
  }

  /// The phases that took time, with their shares of all of it: "reading 0.31 s (2 %), network 12.40 s (97 %), ...".
  public var summary: String {
    let sum = totals.values.reduce(Duration.zero, +)
    return Phase.allCases.compactMap { phase in
      totals[phase].map {
        String(
          format: "\(phase.rawValue) %.2f s (%.0f %%)", $0 / .seconds(1),
          100 * ($0 / max(sum, .nanoseconds(1))))
      }
    }
    .joined(separator: ", ")
  }
}
