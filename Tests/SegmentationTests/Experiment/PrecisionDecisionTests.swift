import Segmentation
import TensorGraph
import Testing
import Training

@Suite struct PrecisionDecisionTests {
  /// A device that is fast in the given dtypes and runs nothing.
  private final class Device: Executor {
    let fastHalfDTypes: [DType]
    let summary = "device"

    init(_ dtypes: [DType]) { fastHalfDTypes = dtypes }
    func compile(_ graph: Graph) throws -> any Executable { throw ExecutionError.unknownTensor("") }
    func load(_ tensors: [String: Tensor]) {}
    func fetch(_ names: [String]) -> [String: Tensor] { [:] }
  }

  private func decision(
    _ request: PrecisionRequest, _ dtypes: [DType] = [.bf16]
  ) throws(PrecisionError) -> PrecisionDecision {
    try PrecisionDecision(request, on: Device(dtypes))
  }

  private let tensorFlow = ["TF_ENABLE_AUTO_MIXED_PRECISION": "1"]

  @Test func float32ByDefault() throws {
    let decision = try decision(PrecisionRequest())
    #expect(decision.halfDType == nil && decision.lossScale == .none)
    #expect(decision.summary == "float32 (default)")
  }

  @Test func theFlagTakesTheDevicesDefault() throws {
    #expect(try decision(PrecisionRequest(amp: true)).halfDType == .bf16)
    #expect(try decision(PrecisionRequest(amp: true), [.f16, .bf16]).halfDType == .f16)
  }

  @Test func theEnvironmentTurnsItOnAndSaysSo() throws {
    let decision = try decision(PrecisionRequest(environment: tensorFlow))
    #expect(decision.halfDType == .bf16)
    #expect(decision.summary.contains("TF_ENABLE_AUTO_MIXED_PRECISION=1"))
  }

  @Test func flagsWinOverTheEnvironmentAndOursOverTensorFlows() throws {
    #expect(try decision(PrecisionRequest(amp: false, environment: tensorFlow)).halfDType == nil)
    var both = tensorFlow
    both["VNET_ENABLE_AUTO_MIXED_PRECISION"] = "0"
    #expect(try decision(PrecisionRequest(environment: both)).halfDType == nil)
  }

  @Test func fp16IsScaledAndBf16IsNot() throws {
    #expect(try decision(PrecisionRequest(dtype: .fp16), [.f16]).lossScale == .dynamic)
    #expect(try decision(PrecisionRequest(dtype: .bf16)).lossScale == .none)
    #expect(try decision(PrecisionRequest(dtype: .bf16, lossScale: .dynamic)).lossScale == .dynamic)
    #expect(try decision(PrecisionRequest(dtype: .fp16, lossScale: .fixed(8)), [.f16]).lossScale == .fixed(8))
  }

  @Test func scalingAloneCanBeTurnedOff() throws {
    var environment = tensorFlow
    environment["TF_ENABLE_AUTO_MIXED_PRECISION_LOSS_SCALING"] = "0"
    let off = try decision(PrecisionRequest(environment: environment), [.f16])
    #expect(off.halfDType == .f16 && off.lossScale == .none)
    let flag = PrecisionRequest(lossScale: .dynamic, environment: environment)
    #expect(try decision(flag, [.f16]).lossScale == .dynamic)
  }

  @Test func aDeviceWithoutHalfPrecisionRunsFloat32AndSaysSo() throws {
    let decision = try decision(PrecisionRequest(amp: true), [])
    #expect(decision.halfDType == nil && decision.summary.contains("no fast half precision"))
  }

  @Test func aNamedDTypeThatIsNotThereIsAnError() {
    #expect(throws: PrecisionError.unsupported(.fp16, device: "device")) {
      try decision(PrecisionRequest(amp: true, dtype: .fp16))
    }
    #expect(throws: PrecisionError.contradiction) { try decision(PrecisionRequest(amp: false, dtype: .bf16)) }
  }
}
