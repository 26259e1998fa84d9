/// The validation cases of one replica, and the predictor that is measured on them during training.
struct Validation {
  let cases: CaseCache
  let predictor: Predictor
  let replicas: Replicas

  /// The mean soft Dice of each class over the validation cases, of all replicas, whose truth has the class, nil where none
  /// has; empty without any case. Planes of one case's probabilities are in memory at a time.
  func softDice() throws -> [Double?] {
    let own = try (0..<cases.count).map { try predictor.softDice(of: cases.preparedCase($0)) }
    let all = try replicas.joined(own)
    guard let classCount = all.first?.count else { return [] }
    return (0..<classCount).map { label in mean(all.compactMap { $0[label] }) }
  }
}
