import SeededRandom
import TensorGraph

/// What the elements of a case's tensor are.
enum Content {
  /// Evenly distributed over [-1, 1).
  case symmetric
  /// Evenly distributed over [0.5, 1.5): for logarithms, divisors, variances.
  case positive
  /// Of either sign, from 0.25 to 1.25 in magnitude: no finite step crosses zero.
  case awayFromZero
  /// All different, evenly spaced over [-1, 1], in random order: no ties, and no step reverses an order.
  case distinct
  /// Integers 0 ..< count.
  case classes(Int)
  /// All alike.
  case filled(Float)
  case values([Float])

  func elements(_ count: Int, _ random: inout SplitMix64) -> [Float] {
    switch self {
    case .symmetric:
      return (0..<count).map { _ in Float(random.nextUnit() * 2 - 1) }
    case .positive:
      return (0..<count).map { _ in Float(random.nextUnit() + 0.5) }
    case .awayFromZero:
      return (0..<count).map { _ in
        let magnitude = Float(random.nextUnit() + 0.25)
        return random.nextUnit() < 0.5 ? magnitude : -magnitude
      }
    case .distinct:
      let spacing = 2 / Float(max(1, count - 1))
      return (0..<count).shuffled(using: &random).map { Float($0) * spacing - 1 }
    case .classes(let classes):
      return (0..<count).map { _ in Float(Int(random.nextUnit() * Double(classes))) }
    case .filled(let value):
      return Array(repeating: value, count: count)
    case .values(let values):
      return values
    }
  }
}
