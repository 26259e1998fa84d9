import Foundation
import MedicalImaging

/// What a scan's prediction gave.
public enum PredictionOutcome: Sendable {
  /// The path of the mask.
  case written(String)
  /// One sentence: the file, what is wrong and what to do.
  case failed(String)
}

extension Predictor {
  /// Predicts scans one by one and writes a mask for each, named as its scan, in the scan's own geometry. A scan
  /// that cannot be read does not stop the others.
  ///
  /// - Parameters:
  ///   - writesProbabilities: also write `<name>_probabilities` with its format's ending, one channel for each class.
  ///   - replicas: each predicts its share of the scans; the first writes all masks.
  ///   - noting: called on the first replica with a sentence on a scan that is unlike those of the training.
  ///   - progress: called on the first replica after each scan.
  public func predict(
    _ scans: [Case], into folder: String, writesProbabilities: Bool, sharedBy replicas: Replicas = Replicas(),
    noting: (String) -> Void = { _ in }, progress: (Case, PredictionOutcome) throws -> Void
  ) throws {
    if replicas.isFirst { try ModelFolder(folder).create() }
    for start in stride(from: 0, to: scans.count, by: replicas.count) {
      let round = scans[start..<min(start + replicas.count, scans.count)]
      let own = round.dropFirst(replicas.rank).first
      let predictions = try replicas.gather(own.map { predict($0, into: folder, writesProbabilities) })
      guard replicas.isFirst else { continue }
      for (scan, prediction) in zip(round, predictions.compactMap { $0 }) {
        for note in prediction.notes { noting(note) }
        try progress(scan, prediction.written())
      }
    }
  }

  private func predict(_ scan: Case, into folder: String, _ writesProbabilities: Bool) -> PredictedFiles {
    let target = folder + "/" + scan.maskFileName
    do {
      for path in scan.imagePaths { try requireDistinct(target, path) }
      return try predict(
        scan, to: target, writesProbabilities ? "\(folder)/\(scan.name)_probabilities" : nil)
    } catch {
      return PredictedFiles(failure: "\(error)")
    }
  }

  private func predict(_ scan: Case, to path: String, _ probabilitiesStem: String?) throws -> PredictedFiles {
    let file = try Scan(scan, channelCount: preparation.channelNames.count, preparation.orientation)
    let format = file.header.format
    var files = PredictedFiles(notes: notes(on: scan, file.header))
    guard let probabilitiesStem else {
      files.add(try format.files(of: try mask(of: file.ordered), like: file.header, at: path))
      return files
    }
    let (probabilities, mask) = try probabilitiesAndMask(of: file.ordered)
    files.add(try format.files(of: mask, like: file.header, at: path))
    let probabilitiesPath = probabilitiesStem + format.standardSuffix
    files.add(try format.files(of: probabilities, like: file.header, at: probabilitiesPath))
    return files
  }

  private func requireDistinct(_ target: String, _ source: String) throws {
    let paths = [target, source].map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
    guard paths[0] != paths[1] else {
      throw SegmentationError.cannotWrite(
        path: target, reason: "the mask would replace its own scan; choose another --output")
    }
  }
}

/// The files that the prediction of one scan gives, not written yet: the mask first.
private struct PredictedFiles: Codable {
  private struct File: Codable {
    var path: String
    var contents: Data
  }

  private var files: [File] = []
  /// Why there are none.
  let failure: String?
  /// A sentence for whatever is unusual about the scan.
  let notes: [String]

  init(failure: String? = nil, notes: [String] = []) {
    self.failure = failure
    self.notes = notes
  }

  mutating func add(_ encoded: [EncodedFile]) {
    files += encoded.map { File(path: $0.path, contents: Data($0.contents)) }
  }

  /// Writes the files.
  func written() -> PredictionOutcome {
    if let failure { return .failed(failure) }
    do {
      for file in files {
        try EncodedFile(path: file.path, contents: [UInt8](file.contents)).write()
      }
      return .written(files[0].path)
    } catch {
      return .failed("\(error)")
    }
  }
}
