import TensorGraph

/// Trained models with their folders, each opened once.
public struct TrainedModels {
  /// One for each model.
  public let folders: [ModelFolder]
  public let models: [SegmentationModel]

  /// What a model runs on.
  public struct Device {
    let executor: any Executor
    let halfDType: DType?

    /// - Parameters:
    ///   - executor: of one model alone, which keeps its weights there.
    ///   - halfDType: see `SegmentationModel`.
    public init(executor: any Executor, halfDType: DType?) {
      self.executor = executor
      self.halfDType = halfDType
    }
  }

  /// Opens the models that some folders stand for: their own, or those of their folds.
  ///
  /// - Parameters:
  ///   - folders: of models, or of a cross-validation.
  ///   - choice: which checkpoint.
  ///   - replicas: the processes that do so at once; the first one's files decide, and the others may have none.
  ///   - device: called for each model.
  /// - Throws: `SegmentationError` or `SafetensorsError` where there is no model or one is damaged, and what `device` throws.
  public init(
    in folders: [ModelFolder], _ choice: CheckpointChoice = .last, replicas: Replicas = Replicas(),
    on device: () throws -> Device
  ) throws {
    let paths = try replicas.fromFirst { try folders.flatMap { try $0.models().map(\.path) } }
    self.folders = paths.map { ModelFolder($0) }
    models = try self.folders.map { folder in
      let device = try device()
      return try SegmentationModel(
        folder, choice, executor: device.executor, halfDType: device.halfDType, replicas: replicas)
    }
  }

  /// The views over which test-time augmentation takes the mean: those mirrored along the axes along which the training of
  /// every model mirrored what it saw, or where there is no such axis and all were shown scans that are turned, turned ones.
  ///
  /// - Throws: `SegmentationError.viewNotTrained` where there are none.
  public func views() throws -> [ScanView] {
    if let views = CommonViews(models) { return views.all }
    let count = models.indices.first { CommonViews(models[...$0]) == nil }!
    throw SegmentationError.viewNotTrained(model: folders[count].path)
  }
}
