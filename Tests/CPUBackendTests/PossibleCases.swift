import CPUBackend
import GraphCases

/// The cases of the catalogue that this CPU computes.
let possibleCases: [GraphCase] = {
  guard let executor = try? CPUExecutor() else { return [] }
  return allGraphCases.filter { $0.isPossible(on: executor) }
}()
