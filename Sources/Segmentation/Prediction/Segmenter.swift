import Foundation
import MedicalImaging
import TensorGraph

/// A trained model for programs that have images in memory: the library's entry.
///
///     let model = try Segmenter(contentsOf: "model.safetensors", on: CPUExecutor())
///     let mask = try model.segment(try Image(contentsOf: "scan.nii.gz"))
///
/// Masks are those of `vnet predict`. It may be called from any thread; calls wait for each other, since the device computes for
/// one at a time.
public final class Segmenter: @unchecked Sendable {
  // Only used under the lock, which is why the class is Sendable.
  private let predictor: Predictor
  private let lock = NSLock()

  /// What masks' values mean.
  public let labels: LabelScheme
  /// What the channels of a scan are, in their order.
  public let channelNames: [String]
  /// What is known of the model.
  public let record: ModelRecord

  /// Reads a model, with the postprocessing that was chosen for it.
  ///
  /// - Parameters:
  ///   - path: a model's folder, or a model in one file.
  ///   - choice: which checkpoint.
  ///   - executor: a device for this model alone, which nobody else uses afterwards.
  /// - Throws: `SegmentationError` or `SafetensorsError` where there is no model or it is damaged.
  public init(
    contentsOf path: String, _ choice: CheckpointChoice = .last, on executor: any Executor
  ) throws {
    let folder = ModelFolder(path)
    let model = try SegmentationModel(folder, choice, executor: executor)
    predictor = try Predictor(
      [model], options: PredictionOptions(postprocessing: try Postprocessing(folder)))
    record = model.record
    labels = model.record.preparation.labels
    channelNames = model.record.preparation.channelNames
  }

  /// The mask of a scan, on its grid.
  ///
  /// - Throws: `SegmentationError` where the scan is not like those that the model takes, what the device throws.
  public func segment(_ image: Image) throws -> LabelVolume {
    try lock.withLock { try predictor.mask(of: try scan(image).ordered) }
  }

  /// The probabilities of each class or region on the scan's grid, one channel for each, and its mask.
  ///
  /// - Throws: as `segment(_:)`.
  public func probabilities(_ image: Image) throws -> (probabilities: Volume, mask: LabelVolume) {
    try lock.withLock { try predictor.probabilitiesAndMask(of: try scan(image).ordered) }
  }

  private func scan(_ image: Image) throws -> Scan {
    try Scan(
      image, name: image.header.provenance.path, channelCount: channelNames.count,
      predictor.preparation.orientation, notANumber: predictor.preparation.notANumber)
  }
}

extension LabelVolume {
  /// Writes the mask atomically, in the format of the path's ending, with the geometry of the scan that it belongs to.
  ///
  /// - Throws: `ImageError` for an ending of no format, `AtomicFileError` where the file cannot be written.
  public func write(to path: String, like scan: Image) throws {
    for file in try ImageFormat(ofName: path).files(of: self, like: scan.header, at: path) {
      try file.write()
    }
  }
}
