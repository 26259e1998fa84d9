import Foundation
import Segmentation

extension ModelRecord {
  /// Which checkpoint other commands take, and how they take the best one; nil where that is the last, or there is none.
  func checkpointChoice(in folder: ModelFolder) -> String? {
    let path = folder.checkpointPath(.best)
    guard let bestEpoch, bestEpoch + 1 < epoch, FileManager.default.fileExists(atPath: path) else {
      return nil
    }
    let dice = history[bestEpoch].foregroundDice.map { String(format: ", soft Dice %.4f", $0) } ?? ""
    return "best       \(path) (epoch \(bestEpoch + 1)\(dice)): "
      + "predict, evaluate and export take the last unless given --checkpoint best"
  }
}
