/// The validation cases of one replica, and the model that is measured on them during training.
struct Validation {
  let cases: CaseCache
  let model: SegmentationModel
  let replicas: Replicas

  /// The mean soft Dice of each class over the validation cases of all replicas; empty without any.
  func softDice() throws -> [Double] {
    var own: [[Double]] = []
    for start in stride(from: 0, to: cases.count, by: casesAtOnce) {
      let batch = start..<min(start + casesAtOnce, cases.count)
      own += try model.softDice(of: try batch.map(cases.preparedCase))
    }
    let all = try replicas.joined(own)
    guard let classCount = all.first?.count else { return [] }
    return (0..<classCount).map { label in all.reduce(0) { $0 + $1[label] } / Double(all.count) }
  }

  /// Scans at a spacing of their own are as large as they are: the probabilities of one are in memory at a time.
  private var casesAtOnce: Int {
    model.record.preparation.spacing == nil ? model.record.options.batchSize : 1
  }
}
