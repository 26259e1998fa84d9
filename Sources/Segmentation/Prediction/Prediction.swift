import Foundation
import MedicalImaging

/// What a scan's prediction gave.
public enum PredictionOutcome: Sendable {
  /// The path of the mask, a sentence for whatever is unusual about the scan or was left out, and where that is asked for how
  /// far its masks agree, for each structure (see `QualityCalibration.estimate`).
  case written(String, notes: [String] = [], agreement: [Double?]? = nil)
  /// One sentence: the file, what is wrong and what to do.
  case failed(String)
}

extension Predictor {
  /// Predicts scans one by one and writes a mask for each, named as its scan, in the scan's own geometry. A scan
  /// that cannot be read does not stop the others.
  ///
  /// - Parameters:
  ///   - scans: to predict.
  ///   - output: where masks go.
  ///   - replicas: each predicts its share of the scans; the first writes all masks.
  ///   - progress: called on the first replica after each scan.
  /// - Throws: `SegmentationError` where two files would have one name or one would replace a scan, before anything is
  ///   computed, and for a folder that cannot be made.
  public func predict(
    _ scans: [ScanSource], to output: PredictionOutput, sharedBy replicas: Replicas = Replicas(),
    progress: (ScanSource, PredictionOutcome) throws -> Void
  ) throws {
    try output.requireDistinctNames(scans)
    if replicas.isFirst { try ModelFolder(output.folder).create() }
    for start in stride(from: 0, to: scans.count, by: replicas.count) {
      let round = scans[start..<min(start + replicas.count, scans.count)]
      let own = round.dropFirst(replicas.rank).first
      let predictions = try replicas.gather(own.map { PredictedFiles(of: $0, by: self, output) })
      guard replicas.isFirst else { continue }
      for (scan, prediction) in zip(round, predictions.compactMap { $0 }) {
        try progress(scan, prediction.written())
      }
    }
  }

  /// The files of a scan, the mask first, with notes on it and on what is left out, and how far its masks agree.
  fileprivate func files(
    of scan: ScanSource, _ output: PredictionOutput
  ) throws -> (files: [EncodedFile], notes: [String], agreement: [Double?]?) {
    try scan.withFiles { entry, series in
      let read = try Scan(
        entry, preparation,
        for: output.writesProbabilities ? .probabilities(outputCount: labels.outputNames.count) : .mask)
      var notes = notes(on: entry, read.header)
      let maskPath = output.maskPath(of: scan)
      var files: [EncodedFile] = []
      let mask: LabelVolume
      if output.writesProbabilities {
        let path = output.probabilitiesPath(of: scan)
        let (probabilities, classes) = try probabilitiesAndMask(of: read.ordered)
        files = try ImageFormat(ofName: path).files(of: probabilities, like: read.header, at: path)
        mask = classes
      } else {
        mask = try self.mask(of: read.ordered)
      }
      files = try ImageFormat(ofName: maskPath).files(of: mask, like: read.header, at: maskPath) + files
      if output.writesPreviews, let seen = read.ordered.ordered(mask).indexed(by: labels) {
        files.append(output.preview(of: scan, read.ordered.volume, seen))
      }
      let agreement = output.estimatesQuality ? try self.agreement(on: read.ordered) : nil
      guard let series, let writer = output.segmentationWriter else { return (files, notes, agreement) }
      if let object = try segmentationObject(of: mask, series, writer) {
        files.append(EncodedFile(path: output.segmentationPath(of: scan), contents: object))
      } else {
        notes.append("\(maskPath): the mask is empty, and there is no DICOM SEG object of nothing.")
      }
      return (files, notes, agreement)
    }
  }

  private func segmentationObject(
    of mask: LabelVolume, _ series: ConvertedSeries, _ writer: PredictionOutput.SegmentationWriter
  ) throws -> [UInt8]? {
    let segments = labels.structures.enumerated().map { place, structure in
      let color = SliceOverlay.color(ofClass: place + 1)
      return DICOMSegment(
        label: structure.values[0], name: structure.name, color: [color.red, color.green, color.blue])
    }
    return try series.segmentationObject(of: mask, segments, version: writer.version, by: writer.program)
  }
}

extension EncodedFile {
  /// Writes the file, and makes its folder if need be: scans below a folder have the names of its folders in theirs.
  func writeIntoFolder() throws {
    try ModelFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path).create()
    try write()
  }
}

/// The files that the prediction of one scan gives, not written yet.
private struct PredictedFiles: Codable {
  private struct File: Codable {
    var path: String
    var contents: Data
  }

  private let maskPath: String
  private var files: [File] = []
  private var notes: [String] = []
  private var agreement: [Double?]?
  /// Why there are none.
  private var failure: String?

  init(of scan: ScanSource, by predictor: Predictor, _ output: PredictionOutput) {
    maskPath = output.maskPath(of: scan)
    do {
      let (encoded, notes, agreement) = try predictor.files(of: scan, output)
      files = encoded.map { File(path: $0.path, contents: Data($0.contents)) }
      self.notes = notes
      self.agreement = agreement
    } catch {
      failure = "\(error)"
    }
  }

  /// Writes the files.
  func written() -> PredictionOutcome {
    if let failure { return .failed(failure) }
    do {
      for file in files {
        try EncodedFile(path: file.path, contents: [UInt8](file.contents)).writeIntoFolder()
      }
      return .written(maskPath, notes: notes, agreement: agreement)
    } catch {
      return .failed("\(error)")
    }
  }
}
