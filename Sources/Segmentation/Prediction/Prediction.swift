import Foundation
import MedicalImaging

/// What a scan's prediction gave.
public enum PredictionOutcome: Sendable {
  /// The path of the mask, and where something was left out a sentence on that.
  case written(String, remark: String? = nil)
  /// One sentence: the file, what is wrong and what to do.
  case failed(String)
}

extension Predictor {
  /// Finds the scans that a path means: a scan, a folder of scans, or a `dataset.json`, whose test cases count
  /// and, where it has none, its training cases. Names that begin with "." or "_" are skipped.
  ///
  /// - Throws: `DatasetError` or `SegmentationError` when there is nothing to predict.
  public static func scans(at path: String) throws -> [Case] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw SegmentationError.noCases(
        reason: "\(path): there is no such file or folder; give a scan, a folder of scans or a dataset.json.")
    }
    let url = URL(fileURLWithPath: path)
    let scans: [Case]
    if isFolder.boolValue {
      let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
      scans = ImageFormat.imageNames(among: names.filter { !$0.hasPrefix(".") && !$0.hasPrefix("_") })
        .map { Case(imagePath: url.appendingPathComponent($0).path) }
    } else if let folder = DatasetLayout.folder(describedBy: path) {
      let dataset = try Dataset(folder: folder)
      scans = dataset.test.isEmpty ? dataset.training : dataset.test
    } else {
      scans = [Case(imagePath: path)]
    }
    guard !scans.isEmpty else {
      throw SegmentationError.noCases(
        reason: "\(path): there is no scan in this folder; scans end in \(ImageFormat.suffixList).")
    }
    let byName = Dictionary(grouping: scans, by: \.name)
    if let twins = byName.values.first(where: { $0.count > 1 }) {
      throw SegmentationError.duplicateCase(
        name: twins[0].name, first: twins[0].imagePath, second: twins[1].imagePath)
    }
    return scans
  }

  /// Predicts scans one by one and writes a mask for each, named as its scan, in the scan's own geometry. A scan
  /// that cannot be read does not stop the others.
  ///
  /// - Parameters:
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

  /// The files of a scan, the mask first, and a remark where one of them is left out.
  fileprivate func files(
    of scan: ScanSource, _ output: PredictionOutput
  ) throws -> (files: [EncodedFile], remark: String?) {
    try scan.withFiles { entry, series in
      let read = try Scan(
        entry, channelCount: preparation.channelNames.count, notANumber: preparation.notANumber)
      let maskPath = output.maskPath(of: scan)
      var files: [EncodedFile] = []
      let mask: LabelVolume
      if output.writesProbabilities {
        let path = output.probabilitiesPath(of: scan)
        let (probabilities, classes) = try probabilitiesAndMask(of: read.volume)
        files = try ImageFormat(ofName: path).files(of: probabilities, like: read.header, at: path)
        mask = classes
      } else {
        mask = try self.mask(of: read.volume)
      }
      files = try ImageFormat(ofName: maskPath).files(of: mask, like: read.header, at: maskPath) + files
      guard let series, let writer = output.segmentationWriter else { return (files, nil) }
      guard let object = try segmentationObject(of: mask, series, writer) else {
        return (files, "\(maskPath): the mask is empty, and there is no DICOM SEG object of nothing.")
      }
      files.append(EncodedFile(path: output.segmentationPath(of: scan), contents: object))
      return (files, nil)
    }
  }

  private func segmentationObject(
    of mask: LabelVolume, _ series: ConvertedSeries, _ writer: PredictionOutput.SegmentationWriter
  ) throws -> [UInt8]? {
    let segments = preparation.classNames.indices.dropFirst().map { label in
      let color = SliceOverlay.color(ofClass: label)
      return DICOMSegment(
        label: UInt8(label), name: preparation.classNames[label], color: [color.red, color.green, color.blue])
    }
    return try series.segmentationObject(of: mask, segments, version: writer.version, by: writer.program)
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
  private var remark: String?
  /// Why there are none.
  private var failure: String?

  init(of scan: ScanSource, by predictor: Predictor, _ output: PredictionOutput) {
    maskPath = output.maskPath(of: scan)
    do {
      let (encoded, remark) = try predictor.files(of: scan, output)
      files = encoded.map { File(path: $0.path, contents: Data($0.contents)) }
      self.remark = remark
    } catch {
      failure = "\(error)"
    }
  }

  /// Writes the files.
  func written() -> PredictionOutcome {
    if let failure { return .failed(failure) }
    do {
      for file in files {
        try EncodedFile(path: file.path, contents: [UInt8](file.contents)).write()
      }
      return .written(maskPath, remark: remark)
    } catch {
      return .failed("\(error)")
    }
  }
}
