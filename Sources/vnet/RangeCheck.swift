import ArgumentParser

/// Checks the value of an option, where it was given.
///
/// - Throws: `ValidationError` for one outside of what is allowed.
func require<Value: Comparable>(_ value: Value?, _ option: String, _ allowed: ClosedRange<Value>) throws {
  if let value, !allowed.contains(value) {
    throw ValidationError(
      "\(option) \(value) is not possible; take \(allowed.lowerBound) to \(allowed.upperBound).")
  }
}
