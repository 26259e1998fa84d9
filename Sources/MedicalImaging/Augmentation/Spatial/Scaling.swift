/// Enlarges or shrinks a patch's content by one factor along all axes, evenly from a range.
///
/// Source: nnU-Net scales by 0.7 to 1.4 with probability 0.2; ours are the figures of the accurate recipe.
public struct RandomScaling: Codable, Equatable, Sendable {
  /// Above 1 enlarges.
  public let factor: RandomRange

  public init(_ factor: RandomRange) { self.factor = factor }

  public init(probability: Double = 0.35, factors: ClosedRange<Double> = 0.8...1.25) {
    precondition(factors.lowerBound > 0)
    self.init(RandomRange(probability: probability, factors))
  }

  /// Draws the map from offsets in the patch to offsets in the scan, which is smaller where content is enlarged.
  public func drawnMap(using generator: inout some RandomNumberGenerator) -> LinearMap {
    guard factor.happens(using: &generator) else { return .identity }
    return LinearMap(diagonal: SIMD3(repeating: 1 / factor.drawn(using: &generator)))
  }
}
