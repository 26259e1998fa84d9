import MedicalImaging
import Networks
import PlainText
import TensorGraph
import Training

/// A trained model from whose weights another training starts.
public struct InitialModel: Sendable {
  /// What a learning rate is divided by, where none was asked for: the weights are near to good ones already.
  ///
  /// Source: nnU-Net's documentation, "Pretraining and fine-tuning", which takes a tenth of its rate.
  public static let learningRateDivisor = 10.0

  public let folder: ModelFolder
  /// Whether weights for another number of channels are made of those that are there.
  public let adaptsChannels: Bool

  public init(_ folder: ModelFolder, adaptsChannels: Bool = false) {
    self.folder = folder
    self.adaptsChannels = adaptsChannels
  }

  /// What a training starts from if no option says otherwise: the recipe of the model's preset on the model's own network, at a
  /// lower learning rate.
  ///
  /// - Throws: what reading a checkpoint throws.
  public func defaultOptions() throws -> TrainingOptions {
    let source = try Checkpoint(folder).record.options
    var options = TrainingOptions(preset: source.preset)
    options.network = source.network
    options.orientation = source.orientation
    options.normalization = source.normalization
    options.baseLearningRate /= Self.learningRateDivisor
    return options
  }

  /// Every weight and state of a network as a training starts.
  ///
  /// - Parameter record: of the training that begins.
  /// - Throws: `SegmentationError.initialModelDiffers` or `.initialChannelsDiffer` where the model's weights are not those of
  ///   such a network, and what reading a checkpoint throws.
  func start(of record: ModelRecord) throws -> (tensors: [String: Tensor], origin: ModelOrigin) {
    let (source, network) = (try Checkpoint(folder), record.options.network)
    let keepsHead = source.record.preparation.labels.outputNames == record.preparation.labels.outputNames
    var tensors = try network.initialTensors(seed: record.options.seed)
    var new: [String] = []
    for parameter in try network.parameters() {
      let found = source.predicting(parameter.name)
      if network.isHead(parameter.name), !keepsHead || found == nil {
        new.append(parameter.name)
      } else if let found, found.type == parameter.type {
        tensors[parameter.name] = found
      } else if let adapted = try adapted(found, to: parameter, network, source.record) {
        tensors[parameter.name] = adapted
      } else {
        new.append(parameter.name)
      }
    }
    let origin = ModelOrigin(
      path: folder.path, datasetName: source.record.datasetName, epochs: source.record.epoch,
      takenCount: tensors.count - new.count, newTensors: new)
    return (tensors, origin)
  }

  /// The weights of a parameter that has another shape in the model; nil where it has none there and starts anew.
  private func adapted(
    _ found: Tensor?, to parameter: ModelParameter, _ network: Network, _ source: ModelRecord
  ) throws -> Tensor? {
    let channels = (source.options.network.inputChannels, network.inputChannels)
    let readsImage = network.readsImage(parameter.name) || parameter.name.hasPrefix("input/projection/")
    let isAlikeBesides = found.map { $0.isAlike(parameter.type.shape, besidesAxis: 3) } ?? true
    guard channels.0 != channels.1, readsImage, isAlikeBesides else {
      throw SegmentationError.initialModelDiffers(
        path: folder.path, tensor: parameter.name, found: found.map { "\($0.shape)" } ?? "not there",
        expected: "\(parameter.type.shape)")
    }
    guard adaptsChannels else {
      throw SegmentationError.initialChannelsDiffer(
        path: folder.path, found: channels.0, expected: channels.1)
    }
    return found?.adapted(toChannels: channels.1, parameter.type)
  }
}

/// What a training started from, kept with the model.
public struct ModelOrigin: Codable, Equatable, Sendable {
  /// The folder or file of the model.
  public var path: String
  /// The data set that the model was trained on, and for how long.
  public var datasetName: String
  public var epochs: Int
  /// How many weights and states were taken.
  public var takenCount: Int
  /// The others, which started from the seed.
  public var newTensors: [String]

  /// One line for a user.
  public var summary: String {
    let new = newTensors.isEmpty ? "" : "; new: \(newTensors.joined(separator: ", "))"
    return
      "\(path) (\(datasetName), \(counted(epochs, "epoch"))): \(counted(takenCount, "tensor")) taken\(new)"
  }
}

extension Checkpoint {
  /// The weight or state with which the model predicts: its average where there is one.
  fileprivate func predicting(_ name: String) -> Tensor? {
    record.options.weightAverage == nil ? tensors[name] : tensors[WeightAverage.name(of: name)]
  }
}

extension Tensor {
  /// Whether a shape differs from this one's along one axis at most.
  fileprivate func isAlike(_ other: Shape, besidesAxis axis: Int) -> Bool {
    shape.rank == other.rank && (0..<shape.rank).allSatisfy { $0 == axis || shape[$0] == other[$0] }
  }

  /// A kernel `[KD, KH, KW, I, O]` for another number of input channels: each has the mean of the old ones, scaled so that equal
  /// channels give what one gave.
  fileprivate func adapted(toChannels count: Int, _ type: TensorType) -> Tensor {
    let (old, outputs) = (shape[3], shape[4])
    var elements: [Float] = []
    elements.reserveCapacity(type.shape.elementCount)
    for voxel in 0..<shape.elementCount / (old * outputs) {
      let sums = (0..<outputs).map { output in
        (0..<old).reduce(Float(0)) { $0 + self.elements[(voxel * old + $1) * outputs + output] }
      }
      for _ in 0..<count { elements += sums.map { $0 / Float(count) } }
    }
    return Tensor(type, elements)
  }
}
