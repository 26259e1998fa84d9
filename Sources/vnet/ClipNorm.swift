import ArgumentParser

/// A bound on the gradients' global norm, or none.
struct ClipNorm: ExpressibleByArgument, Equatable, CustomStringConvertible {
  var limit: Double?

  init(limit: Double?) { self.limit = limit }

  init?(argument: String) {
    if argument == "none" {
      limit = nil
    } else if let value = Double(argument), value > 0, value.isFinite {
      limit = value
    } else {
      return nil
    }
  }

  var description: String { limit.map(numeral) ?? "none" }
}
