/// How often a transform happens, and the range from which it draws its figure, evenly.
public struct RandomRange: Codable, Equatable, Sendable {
  /// From 0 to 1.
  public let probability: Double
  public let range: ClosedRange<Double>

  public init(probability: Double, _ range: ClosedRange<Double>) {
    precondition((0...1).contains(probability))
    self.probability = probability
    self.range = range
  }

  /// Draws whether the transform happens: one number of the generator.
  func happens(using generator: inout some RandomNumberGenerator) -> Bool { generator.happens(probability) }

  /// Draws the figure: one number of the generator.
  func drawn(using generator: inout some RandomNumberGenerator) -> Double {
    Double.random(in: range, using: &generator)
  }
}

extension RandomNumberGenerator {
  /// Draws whether something of a probability happens: one number, whatever comes of it.
  mutating func happens(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &self) < probability
  }
}
