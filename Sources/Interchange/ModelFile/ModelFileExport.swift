import Segmentation

/// A trained model as one file to share: safetensors with the weights that predict, the record of the training, the choice of
/// postprocessing, the licence and a model card, but no names of cases. Commands take it in place of a model's folder.
public struct ModelFileExport {
  /// What the file says of itself besides what is known of the training.
  public struct Terms: Sendable {
    public var license: String
    public var intendedUse: String

    public init(license: String, intendedUse: String) {
      self.license = license
      self.intendedUse = intendedUse
    }
  }

  private let checkpoint: Checkpoint

  /// - Parameters:
  ///   - checkpoint: of the model; what only training needs is left out.
  ///   - path: of the checkpoint.
  ///   - date: when it was trained, such as "2026-01-31".
  /// - Throws: `SegmentationError.damagedModel` for a checkpoint without a network's tensors.
  public init(
    _ checkpoint: Checkpoint, path: String, _ postprocessing: Postprocessing = Postprocessing(),
    _ terms: Terms, date: String
  ) throws {
    let graph = try ModelGraphs(checkpoint.record.options).prediction(batchSize: 1)
    try checkpoint.requireTensors(of: graph, path: path)
    let names = Set(graph.parameters.map(\.name))
    let card = ModelCard(checkpoint.record, postprocessing, terms, date: date)
    self.checkpoint = Checkpoint(
      record: checkpoint.record.withholdingCaseNames(),
      tensors: checkpoint.tensors.filter { names.contains($0.key) },
      notes: [
        ModelNote.postprocessing: try postprocessing.json, ModelNote.license: terms.license,
        ModelNote.card: card.text,
      ])
  }

  /// Writes the file atomically.
  public func write(to path: String, as dtype: StoredDType = .f32) throws {
    try checkpoint.write(to: path, as: dtype)
  }
}
