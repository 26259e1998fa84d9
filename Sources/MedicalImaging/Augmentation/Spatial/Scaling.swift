/// Enlarges or shrinks a patch's content by one factor along all axes, evenly from a range.
///
/// Source: nnU-Net scales by 0.7 to 1.4 with probability 0.2; ours are the figures of the accurate recipe.
public struct RandomScaling: Codable, Equatable, Sendable {
  public let probability: Double
  /// Above 1 enlarges.
  public let minimumFactor: Double
  public let maximumFactor: Double

  public init(probability: Double = 0.35, minimumFactor: Double = 0.8, maximumFactor: Double = 1.25) {
    precondition((0...1).contains(probability) && minimumFactor > 0 && minimumFactor <= maximumFactor)
    self.probability = probability
    self.minimumFactor = minimumFactor
    self.maximumFactor = maximumFactor
  }

  /// Draws the map from offsets in the patch to offsets in the scan, which is smaller where content is enlarged.
  public func drawnMap(using generator: inout some RandomNumberGenerator) -> LinearMap {
    guard Double.random(in: 0..<1, using: &generator) < probability else { return .identity }
    let factor = Double.random(in: minimumFactor...maximumFactor, using: &generator)
    return LinearMap(diagonal: SIMD3(repeating: 1 / factor))
  }
}
