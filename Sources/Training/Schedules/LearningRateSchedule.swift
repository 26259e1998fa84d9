import Foundation

/// The learning rate over a run.
public enum LearningRateSchedule: String, Codable, Sendable, CaseIterable {
  case constant
  /// base * (1 - epoch / epochs)^0.9
  ///
  /// Source: Isensee et al. 2021 (nnU-Net), after Chen et al. 2017 (DeepLab).
  case polynomial
  /// base * (1 + cos(pi * x)) / 2, where x goes from 0 after the warm-up to 1 at the end of the run, step by step.
  ///
  /// Source: Loshchilov and Hutter 2017, SGDR, equation 5, without restarts.
  case cosine

  /// The learning rate of one step.
  ///
  /// - Parameters:
  ///   - step: from the run's beginning, from 0.
  ///   - warmUpSteps: over so many steps the rate grows evenly from almost 0 to what the schedule says.
  public func rate(
    base: Double, step: Int, stepsPerEpoch: Int, epochs: Int, warmUpSteps: Int = 0
  ) -> Double {
    let warmUp = step < warmUpSteps ? Double(step + 1) / Double(warmUpSteps) : 1
    switch self {
    case .constant:
      return warmUp * base
    case .polynomial:
      let epoch = step / max(1, stepsPerEpoch)
      return warmUp * base * pow(1 - Double(epoch) / Double(max(1, epochs)), 0.9)
    case .cosine:
      let remaining = max(1, epochs * stepsPerEpoch - warmUpSteps)
      let progress = min(1, Double(max(0, step - warmUpSteps)) / Double(remaining))
      return warmUp * base * (1 + cos(.pi * progress)) / 2
    }
  }
}
