import CPUBackend
import MPICollectives
import Networks
import SeededRandom
import Segmentation
import TensorGraph
import Training

private let stepCount = 5

/// Trains one small model twice, over the replicas and in this process alone on the samples of all, and compares
/// weights, loss and gradient norm after each step.
///
/// - Parameter batch: the samples of a rank in a step.
func stepsEqualOneProcess(
  _ world: MPIWorld, _ optimizer: Optimizer, batch: (_ step: Int, _ rank: Int) -> Int
) throws -> [String] {
  let replicated = try Trainee(optimizer, DataParallel(bucketByteCount: 64 << 10), world)
  let alone = try Trainee(optimizer, nil, nil)
  var failures: [String] = []
  for step in 0..<stepCount {
    let counts = (0..<world.count).map { batch(step, $0) }
    let samples = Samples(count: counts.reduce(0, +), seed: UInt64(step), alone.model)
    let start = counts[..<world.rank].reduce(0, +)
    let found = try replicated.step(samples, start..<start + counts[world.rank], of: counts)
    let expected = try alone.step(samples, 0..<samples.count, of: nil)
    for (name, tensor) in expected {
      let difference = relativeDifference(found[name]!, tensor)
      if difference > 1e-5 { failures.append("step \(step + 1): \(name) differs by \(difference)") }
    }
    if try !isEqualEverywhere(try replicated.weights(), world) {
      failures.append("step \(step + 1): the weights differ between ranks")
    }
  }
  return failures
}

/// Gradients that travel in half precision: the weights are near those of float32, and equal on all ranks.
func compressedStepsStayClose(_ world: MPIWorld) throws -> [String] {
  var failures: [String] = []
  for dtype in [DType.bf16, .f16] {
    let compressed = try Trainee(.sgd(), DataParallel(compression: dtype), world)
    let exact = try Trainee(.sgd(), DataParallel(), world)
    let counts = [Int](repeating: 1, count: world.count)
    var largest: Float = 0
    for step in 0..<stepCount {
      let samples = Samples(count: world.count, seed: UInt64(step), exact.model)
      let found = try compressed.step(samples, world.rank..<world.rank + 1, of: counts)
      let expected = try exact.step(samples, world.rank..<world.rank + 1, of: counts)
      for (name, tensor) in expected { largest = max(largest, relativeDifference(found[name]!, tensor)) }
    }
    // The gradients of some layers are so small that f16 holds few of their digits.
    if largest == 0 || largest > 0.05 { failures.append("\(dtype): the largest difference is \(largest)") }
    if try !isEqualEverywhere(try compressed.weights(), world) {
      failures.append("\(dtype): the weights differ between ranks")
    }
  }
  return failures
}

/// Images and masks of noise, the same in every process.
private struct Samples {
  let count: Int
  private let images: [Float]
  private let labels: [Float]

  init(count: Int, seed: UInt64, _ model: Network) {
    var generator = SplitMix64(seed: seed)
    self.count = count
    images = (0..<model.imageShape(batchSize: count).elementCount).map { _ in Float(generator.nextUnit()) }
    labels = (0..<model.labelShape(batchSize: count).elementCount).map { _ in Float(generator.next() % 3) }
  }

  func inputs(_ range: Range<Int>, _ model: Network) -> [String: Tensor] {
    func part(_ elements: [Float]) -> [Float] {
      let size = elements.count / count
      return Array(elements[range.lowerBound * size..<range.upperBound * size])
    }
    return [
      "image": Tensor(model.imageShape(batchSize: range.count), part(images)),
      "label": Tensor(TensorType(.i32, model.labelShape(batchSize: range.count)), part(labels)),
      "learning_rate": Tensor(scalar: 0.01),
    ]
  }
}

/// A small network without batch norm, which would see another batch in each process.
private final class Trainee {
  let model: Network
  private let graphs: ModelGraphs
  private let executor: CPUExecutor
  private let isReplicated: Bool

  init(_ optimizer: Optimizer, _ dataParallel: DataParallel?, _ world: MPIWorld?) throws {
    var network = Preset.hippocampus.network
    network.architecture.vnet!.filters = 4
    network.inputShape = [16, 16, 16]
    network.architecture.vnet!.normalizationLayer = .none
    model = try network.validated()
    graphs = ModelGraphs(
      network: model, loss: .dice(), optimizer: optimizer, clipNorm: 1,
      dataParallel: dataParallel)
    // One algorithm: those that are fastest for one batch size and for another round differently.
    executor = try CPUExecutor(threadCount: 1, convolutions: .always(.direct), collectives: world)
    isReplicated = dataParallel != nil
    try executor.load(try graphs.initialTensors(seed: 7))
  }

  /// One step. Returns its loss and gradient norm, and the weights after it.
  func step(_ samples: Samples, _ own: Range<Int>, of counts: [Int]?) throws -> [String: Tensor] {
    let range = own.isEmpty ? 0..<1 : own
    var inputs = samples.inputs(range, model)
    if let counts {
      let share = Float(own.count * counts.count) / Float(counts.reduce(0, +))
      inputs["replica_weight"] = Tensor(scalar: share)
    }
    let outputs = try executor.compile(try graphs.trainStep(batchSize: range.count)).run(inputs)
    return try weights().merging(outputs) { first, _ in first }
  }

  func weights() throws -> [String: Tensor] {
    try executor.fetch(try model.parameters().filter { $0.kind == .weight }.map(\.name))
  }
}

/// The largest difference as a share of the largest magnitude; infinity where some number is not finite.
private func relativeDifference(_ found: Tensor, _ expected: Tensor) -> Float {
  guard (found.elements + expected.elements).allSatisfy(\.isFinite) else { return .infinity }
  let scale = expected.elements.map(\.magnitude).max() ?? 0
  let difference = zip(found.elements, expected.elements).map { ($0 - $1).magnitude }.max() ?? 0
  return difference == 0 ? 0 : difference / scale
}

/// Whether all ranks hold the same bits.
private func isEqualEverywhere(_ tensors: [String: Tensor], _ world: MPIWorld) throws -> Bool {
  let elements = tensors.sorted { $0.key < $1.key }.flatMap(\.value.elements)
  let all = try world.gather(elements.withUnsafeBytes { Array($0) })
  return all.allSatisfy { $0 == all[0] }
}
