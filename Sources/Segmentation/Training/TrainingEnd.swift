/// Why a run ended without an error.
public enum TrainingEnd: Codable, Equatable, Sendable {
  /// All epochs that were asked for are done.
  case epochsDone
  /// Somebody put a file of this path into the model's folder; it is gone again.
  case stopFile(path: String)
  /// No epoch after this one, from 1, did better on the validation cases for as many as were waited for.
  case noBetterEpoch(since: Int)

  /// One sentence for a user.
  public func summary(after epoch: Int) -> String {
    switch self {
    case .epochsDone: "all epochs are done."
    case .stopFile(let path): "\(path) ends the training after epoch \(epoch); --resume goes on."
    case .noBetterEpoch(let best):
      "no epoch since \(best) did better on the validation cases: the training ends after epoch \(epoch) (--patience)."
    }
  }
}

extension ModelRecord {
  /// The best epoch, from 1, where so many epochs without a better one have passed since as the options wait for; nil where
  /// training goes on.
  public var exhaustedPatience: Int? {
    guard let patience = options.patience, let bestEpoch, epoch - 1 - bestEpoch >= patience else {
      return nil
    }
    return bestEpoch + 1
  }

  /// The epochs that are left of those asked for: none where the patience is exhausted.
  ///
  /// - Parameters:
  ///   - epochs: what is asked for now; nil for what the options say.
  ///   - patience: what is asked for now; nil for what the options say.
  public func remainingEpochs(of epochs: Int?, patience: Int?) -> Int {
    var record = self
    if let patience { record.options.patience = patience }
    return record.exhaustedPatience == nil ? remainingEpochs(of: epochs) : 0
  }
}
