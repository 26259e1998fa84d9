/// The evaluation of a cross-validation: each case by the model that did not train on it, and after a postprocessing in whose choice
/// it had no say.
///
/// Figures of the cases that a choice was made on are better than those of others. So the choice is nested: the masks of a fold
/// are processed as the cases of the other folds would have it, and these figures are reported. What all cases together choose is
/// for new scans.
///
/// Source: Varma and Simon 2006, "Bias in error estimation when using cross-validation for model selection". There each fold has
/// trainings of its own for the choice; here the other folds' models make it, which did train on the fold's cases.
public struct OutOfFoldEvaluation: Sendable {
  /// Of each fold's cases by its model, before the postprocessing.
  public let folds: [Evaluation]
  /// What the cases of all folds choose.
  public let postprocessing: Postprocessing
  /// For each fold what the cases of the others choose: nothing where there is no other.
  public let nestedPostprocessings: [Postprocessing]

  /// - Precondition: at least one fold, all with the same classes.
  public init(_ folds: [Evaluation]) {
    precondition(!folds.isEmpty, "a cross-validation of no fold")
    self.folds = folds
    postprocessing = Self.joined(folds).bestPostprocessing
    nestedPostprocessings = folds.map { fold in
      // Folds that somebody listed may share cases.
      let own = Set(fold.cases.map(\.caseName))
      var others = Self.joined(folds)
      others.cases.removeAll { own.contains($0.caseName) }
      return others.bestPostprocessing
    }
  }

  /// Of all cases, before the postprocessing.
  public var unprocessed: Evaluation { Self.joined(folds) }

  /// Of all cases, each after what the other folds' cases choose.
  public var nested: Evaluation {
    Self.joined(zip(folds, nestedPostprocessings).map { $0.applying($1) })
  }

  private static func joined(_ folds: [Evaluation]) -> Evaluation {
    folds.dropFirst().reduce(folds[0]) { $0.joined(with: $1) }
  }
}
