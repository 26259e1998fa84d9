import CPUBackend
import Foundation
import Interchange
import Networks
import SeededRandom
import Segmentation
import TensorGraph
import Testing

/// What ONNX Runtime and OpenVINO compute of an exported network, against our own engine.
@Suite(
  .serialized,
  .enabled(
    if: PythonEngine.onnxruntime.isThere && PythonEngine.openvino.isThere,
    "needs Python with onnx, onnxruntime and openvino; name it by VNET_PYTHON"))
struct ONNXEquivalenceTests {
  struct Subject: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let network: Network
    let opset: Int
    /// Extents other than the network's own, where it takes such.
    let otherExtents: [Int]?
  }

  private static func small(_ preset: Preset, _ extents: [Int], _ change: (inout Network) -> Void = { _ in })
    -> Network
  {
    var network = preset.network
    network.inputShape = extents
    network.architecture.filters = 4
    change(&network)
    return network
  }

  static let subjects: [Subject] = [
    Subject(
      testDescription: "hippocampus", network: small(.hippocampus, [16, 16, 16]), opset: 17,
      otherExtents: [8, 24, 16]),
    Subject(
      testDescription: "accurate, two channels",
      network: small(.accurate, [16, 24, 16]) { $0.inputChannels = 2 }, opset: 13, otherExtents: [24, 8, 16]),
    Subject(
      testDescription: "milletari", network: small(.milletari, [32, 16, 16]), opset: 17,
      otherExtents: [16, 16, 32]),
    Subject(
      testDescription: "unpadded", network: small(.unpadded, [44, 44, 44]), opset: 17, otherExtents: nil),
    Subject(
      testDescription: "instance norm, regions",
      network: small(.hippocampus, [16, 16, 16]) {
        $0.architecture.vnet?.normalizationLayer = .instanceNorm
        $0.classCount = 2
        $0.targets = Targets(outputs: .regions([[1], [1, 2]], labelCount: 3))
      }, opset: 17, otherExtents: [8, 16, 24]),
    Subject(
      testDescription: "residual U-Net",
      network: small(.hippocampus, [16, 16, 16]) {
        $0.architecture.kind = .residualUNet
        $0.architecture.filters = 4
      },
      opset: 18, otherExtents: [16, 24, 32]),
  ]

  /// Moving statistics and offsets that are not those of the start.
  private func tensors(of network: Network) throws -> [String: Tensor] {
    var generator = SplitMix64(seed: 3)
    var tensors = try network.initialTensors(seed: 1)
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) where tensor.shape.rank == 1 {
      tensors[name]!.elements = tensor.elements.map { _ in Float(0.5 + generator.nextUnit()) }
    }
    return tensors
  }

  @Test(arguments: subjects, PythonEngine.allCases)
  func probabilitiesAgree(_ subject: Subject, _ engine: PythonEngine) throws {
    let tensors = try tensors(of: subject.network)
    let graphs = ModelGraphs(network: subject.network, loss: .dice(), optimizer: .adam)
    let model = try ONNXModel(
      try graphs.prediction(batchSize: 1), tensors, opset: try #require(ONNXOpset(subject.opset)),
      hasDynamicExtents: subject.otherExtents != nil, description: "A test.")
    for extents in [subject.network.inputShape, subject.otherExtents].compactMap({ $0 }) {
      let graph = try graphs.prediction(batchSize: 2, inputShape: extents)
      let names = Set(graph.parameters.map(\.name))
      let executor = try CPUExecutor()
      try executor.load(tensors.filter { names.contains($0.key) })
      let image = image(graph.type(of: graph.parameters.first { $0.kind == .input }!.value))
      let expected = try #require(
        try executor.compile(graph).run([StepNames.image: image])[StepNames.probabilities])
      let found = try run(model, on: image, by: engine)
      #expect(found.count == expected.elements.count)
      let differences = zip(found, expected.channelsFirst).map { abs($0 - $1) }
      #expect((differences.max() ?? 1) < 1e-4)
    }
  }

  private func image(_ type: TensorType) -> Tensor {
    var generator = SplitMix64(seed: 5)
    return Tensor(type, (0..<type.shape.elementCount).map { _ in Float(generator.nextNormal()) })
  }

  /// The probabilities `[N, outputs, D, H, W]`.
  private func run(_ model: ONNXModel, on image: Tensor, by engine: PythonEngine) throws -> [Float] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    try Data(model.serialized).write(to: URL(fileURLWithPath: path("model.onnx")))
    try image.channelsFirst.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path("input"))) }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Scripts/run_onnx.py").standardizedFileURL.path
    let extents = [image.shape[0], image.shape[4], image.shape[1], image.shape[2], image.shape[3]].map(
      String.init)
    let status = try PythonEngine.run(
      [script, engine.rawValue, path("model.onnx"), path("input"), path("output")] + extents)
    #expect(status == 0)
    let data = (try? Data(contentsOf: URL(fileURLWithPath: path("output")))) ?? Data()
    return data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }
}

extension Tensor {
  /// `[N, D, H, W, C]` as `[N, C, D, H, W]`.
  fileprivate var channelsFirst: [Float] {
    let voxels = shape[1] * shape[2] * shape[3]
    return (0..<shape[0]).flatMap { image in
      (0..<shape[4]).flatMap { channel in
        (0..<voxels).map { elements[(image * voxels + $0) * shape[4] + channel] }
      }
    }
  }
}
