import Foundation

/// The learning rate over a run.
public enum LearningRateSchedule: String, Codable, Sendable, CaseIterable {
  case constant
  /// base * (1 - epoch / epochs)^0.9
  ///
  /// Source: Isensee et al. 2021 (nnU-Net), after Chen et al. 2017 (DeepLab).
  case polynomial

  /// The learning rate of one epoch, counted from 0.
  public func rate(base: Double, epoch: Int, epochs: Int) -> Double {
    switch self {
    case .constant: base
    case .polynomial: base * pow(1 - Double(epoch) / Double(max(1, epochs)), 0.9)
    }
  }
}
