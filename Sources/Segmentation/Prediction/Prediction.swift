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
    let reader = scanReader(for: output)
    for start in stride(from: 0, to: scans.count, by: replicas.count) {
      let round = scans[start..<min(start + replicas.count, scans.count)]
      let own = round.dropFirst(replicas.rank).first
      let next = scans.dropFirst(start + replicas.count + replicas.rank).first
      let predictions = try replicas.gather(
        own.map { scan in
          PredictedFiles(of: scan, output) { try files(of: scan, output, reader, then: next?.files) }
        })
      guard replicas.isFirst else { continue }
      for (scan, prediction) in zip(round, predictions.compactMap { $0 }) {
        try progress(scan, times.measuring(.writing) { prediction.written() })
      }
    }
  }

  private func scanReader(for output: PredictionOutput) -> ReadAhead<Scan> {
    let use =
      output.writesProbabilities ? ScanUse.probabilities(outputCount: labels.outputNames.count) : .mask
    return ReadAhead { [preparation] in try Scan($0, preparation, for: use) }
  }

  /// The files of a scan, the mask first, with notes on it and on what is left out, and how far its masks agree.
  ///
  /// - Parameter next: the scan that is read next.
  private func files(
    of scan: ScanSource, _ output: PredictionOutput, _ reader: ReadAhead<Scan>, then next: Case?
  ) throws -> (files: [EncodedFile], notes: [String], agreement: [Double?]?) {
    try scan.withFiles { entry, series in
      let predicted = try predicted(scan, output, entry) { try reader.value(of: entry, then: next) }
      return try times.measuring(.writing) { try files(of: predicted, scan, series, output) }
    }
  }

  /// The files of what was predicted.
  private func files(
    of predicted: PredictedScan, _ scan: ScanSource, _ series: ConvertedSeries?, _ output: PredictionOutput
  ) throws -> (files: [EncodedFile], notes: [String], agreement: [Double?]?) {
    let maskPath = output.maskPath(of: scan)
    let mask = predicted.storage.restored(predicted.indices).valued(by: labels)
    var files = try ImageFormat(ofName: maskPath).files(of: mask, like: predicted.header, at: maskPath)
    if let probabilities = predicted.probabilities {
      let path = output.probabilitiesPath(of: scan)
      files += try ImageFormat(ofName: path).files(
        of: predicted.storage.restored(probabilities), like: predicted.header, at: path)
    }
    if let preview = predicted.preview { files.append(preview) }
    var notes = predicted.notes
    let agreement = predicted.agreement
    guard let series, let writer = output.segmentationWriter else { return (files, notes, agreement) }
    if let object = try segmentationObject(of: mask, series, writer) {
      files.append(EncodedFile(path: output.segmentationPath(of: scan), contents: object))
    } else {
      notes.append("\(maskPath): the mask is empty, and there is no DICOM SEG object of nothing.")
    }
    return (files, notes, agreement)
  }

  /// Predicts a scan, whose voxels are gone from memory when this returns.
  private func predicted(
    _ scan: ScanSource, _ output: PredictionOutput, _ entry: Case, reading: () throws -> Scan
  ) throws -> PredictedScan {
    let read = try times.measuring(.reading, reading)
    let (probabilities, indices): (Volume?, LabelVolume) =
      output.writesProbabilities
      ? try probabilitiesAndIndices(of: read.ordered) : (nil, try self.indices(of: read.ordered))
    return PredictedScan(
      header: read.header, storage: read.ordered.storage, notes: notes(on: entry, read.header),
      indices: indices, probabilities: probabilities,
      preview: output.writesPreviews
        ? output.preview(of: scan, read.ordered.volume, read.header, indices) : nil,
      agreement: output.estimatesQuality ? try agreement(on: read.ordered) : nil)
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

/// What a prediction keeps of a scan.
private struct PredictedScan {
  let header: ImageHeader
  let storage: ScanStorage
  /// What is unusual about the scan.
  let notes: [String]
  /// The mask of the labels' indices and, where they are written, the probabilities, in the model's order.
  let indices: LabelVolume
  let probabilities: Volume?
  let preview: EncodedFile?
  let agreement: [Double?]?
}

/// The files that the prediction of one scan gives, not written yet.
private struct PredictedFiles: Codable {
  /// A file on its way to the replica that writes it.
  private struct File: Codable {
    let encoded: EncodedFile

    private enum CodingKeys: CodingKey {
      case path, contents
    }

    init(_ encoded: EncodedFile) { self.encoded = encoded }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      encoded = EncodedFile(
        path: try values.decode(String.self, forKey: .path),
        contents: [UInt8](try values.decode(Data.self, forKey: .contents)))
    }

    func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(encoded.path, forKey: .path)
      try values.encode(Data(encoded.contents), forKey: .contents)
    }
  }

  private let maskPath: String
  private var files: [File] = []
  private var notes: [String] = []
  private var agreement: [Double?]?
  /// Why there are none.
  private var failure: String?

  /// - Parameter make: makes the files, the mask first, with notes, and how far the masks agree.
  init(
    of scan: ScanSource, _ output: PredictionOutput,
    _ make: () throws -> (files: [EncodedFile], notes: [String], agreement: [Double?]?)
  ) {
    maskPath = output.maskPath(of: scan)
    do {
      let (encoded, notes, agreement) = try make()
      files = encoded.map(File.init)
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
      for file in files { try file.encoded.writeIntoFolder() }
      return .written(maskPath, notes: notes, agreement: agreement)
    } catch {
      return .failed("\(error)")
    }
  }
}
