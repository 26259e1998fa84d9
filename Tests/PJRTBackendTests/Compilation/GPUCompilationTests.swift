import Foundation
import Networks
import PJRTBackend
import Segmentation
import TensorGraph
import Testing

/// The whole train step compiled for GPUs, without one: which of cuDNN's convolutions run, in which dtype.
@Suite(.serialized, .enabled(if: CUDACompiler.isThere, CUDACompiler.whereToGetIt)) struct GPUCompilationTests
{
  struct Setting: CustomStringConvertible, Sendable {
    let target: GPUTarget
    /// nil for float32.
    var half: DType?
    var allowsTF32 = true

    var description: String {
      "\(target), \(half?.rawValue ?? (allowsTF32 ? "float32 or TF32" : "full float32"))"
    }
  }

  /// Turing has Tensor Cores for f16, Ampere those for bf16 and TF32, too.
  private static let settings = [
    Setting(target: .h200), Setting(target: .h200, allowsTF32: false), Setting(target: .h200, half: .f16),
    Setting(target: .h200, half: .bf16), Setting(target: .a100), Setting(target: .a100, allowsTF32: false),
    Setting(target: .a100, half: .f16), Setting(target: .a100, half: .bf16), Setting(target: .t4),
    Setting(target: .t4, allowsTF32: false), Setting(target: .t4, half: .f16),
  ]

  /// No other extent of the network is 5.
  private static let batchSize = 5

  @Test(arguments: settings)
  func everyConvolutionIsOneOfCuDNNs(_ setting: Setting) throws {
    var options = TrainingOptions()
    // As --amp has it.
    if setting.half == .f16 { options.lossScale = .dynamic }
    let graph = try ModelGraphs(options, halfDType: setting.half).trainStep(batchSize: Self.batchSize)
    let instructions = try compiled(graph, setting)
    #expect(!instructions.isEmpty)
    // Also within fusions: a convolution that is left there runs in a loop of its own.
    #expect(!instructions.contains { $0.opcode == "convolution" })
    func calls(_ kinds: String...) -> [CompiledInstruction] {
      instructions.filter { kinds.map { "__cudnn$conv" + $0 }.contains($0.target) }
    }
    let forward = calls("Forward", "BiasActivationForward")
    let (input, filter) = (calls("BackwardInput"), calls("BackwardFilter"))
    let counts = graph.convolutionCounts
    #expect(forward.count == counts.forward && input.count == counts.input && filter.count == counts.filter)
    #expect((forward.count, input.count, filter.count) == (23, 22, 23))
    let shapes = Dictionary(instructions.map { ($0.id, $0.shapes) }, uniquingKeysWith: { first, _ in first })
    for call in forward + input + filter {
      let operands = call.operandIDs.prefix(2).map { shapes[$0]![0].dtype }
      #expect(operands == Array(repeating: setting.half.number, count: 2), "\(call)")
      let precision: UInt64 = setting.allowsTF32 ? 0 : 2
      #expect(call.precisions.prefix(2).allSatisfy { $0 == precision }, "\(call)")
      #expect(setting.allowsTF32 || call.precisions.count >= 2)
    }
    // Weights are small; activations stay as they lie.
    let transposes = instructions.filter { $0.opcode == "transpose" }
    #expect(!transposes.contains { $0.shapes[0].extents.contains(UInt64(Self.batchSize)) })
  }

  /// The gradients of four GPUs travel in a few all-reduces, NCCL's.
  @Test func replicasAverageInAFewAllReduces() throws {
    let graph = try ModelGraphs(TrainingOptions(), dataParallel: DataParallel()).trainStep(batchSize: 2)
    let instructions = try compiled(graph, Setting(target: .h200), replicaCount: 4)
    let count = instructions.count { ["all-reduce", "all-reduce-start"].contains($0.opcode) }
    #expect((1...6).contains(count), "\(count)")
  }

  private func compiled(
    _ graph: Graph, _ setting: Setting, replicaCount: Int = 1
  ) throws -> [CompiledInstruction] {
    let topology = try DeviceTopology(
      CUDACompiler.plugin(), target: setting.target.text, shape: "1x1x\(replicaCount)")
    var flags = XLAFlags.flags(platform: "cuda")
    // There is nothing to measure on.
    flags["xla_gpu_autotune_level"] = .integer(0)
    let program = try topology.compile(
      StableHLOProgram(graph, replicaCount: replicaCount, allowsTF32: setting.allowsTF32).text,
      CompileOptions(deviceIDs: Array(0..<replicaCount), flags: flags))
    return [CompiledInstruction](program: try program.optimizedProgram())
  }
}

extension DType? {
  /// XLA's number: `xla/xla_data.proto`, PrimitiveType.
  fileprivate var number: UInt64 {
    switch self {
    case .f16: 10
    case .bf16: 16
    default: 11
    }
  }
}

extension Graph {
  fileprivate var convolutionCounts: (forward: Int, input: Int, filter: Int) {
    var counts = (forward: 0, input: 0, filter: 0)
    for node in nodes {
      switch node.operation {
      case .convolution: counts.forward += 1
      case .convolutionInputGradient: counts.input += 1
      case .convolutionFilterGradient: counts.filter += 1
      default: break
      }
    }
    return counts
  }
}

/// XLA's CUDA plugin and what it compiles with.
enum CUDACompiler {
  private static let path = PackagePlugins.search.plugin(for: .cuda)
  static let isThere: Bool = {
    guard let path else { return false }
    let packages = URL(fileURLWithPath: path).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    return FileManager.default.fileExists(atPath: packages + "/nvidia/cu13/bin/ptxas")
  }()
  static let whereToGetIt: Comment =
    "XLA's CUDA plugin or its compiler is not in .plugins/: run 'scripts/plugins.sh cuda13-compiler'"

  static func plugin() throws -> PJRTPlugin { try shared.get() }

  private static let shared = Result { try PJRTPlugin(path: path!) }
}
