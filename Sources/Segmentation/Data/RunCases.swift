import MedicalImaging

/// The cases of one replica, prepared.
struct RunCases {
  let training: CaseCache
  let validation: CaseCache

  /// Reads every case once.
  ///
  /// - Parameters:
  ///   - byteLimit: of what is kept in memory, training and validation cases in proportion to their numbers.
  ///   - onCase: called after each case, with the numbers done and in all.
  /// - Throws: what reading a case throws, naming the file and the remedy.
  init(
    training: [Case], validation: [Case], preparation: Preparation, byteLimit: Int,
    onCase: (Int, Int) -> Void
  ) throws {
    let total = training.count + validation.count
    var done = 0
    func cache(_ cases: [Case]) throws -> CaseCache {
      try CaseCache(
        cases, preparation: preparation, byteLimit: byteLimit * cases.count / max(1, total)
      ) {
        done += 1
        onCase(done, total)
      }
    }
    self.training = try cache(training)
    self.validation = try cache(validation)
  }
}
