import COneDNN
import CPUKernels
import TensorGraph

/// A call of oneDNN that failed.
public struct OneDNNError: Error, CustomStringConvertible {
  public let call: String
  public let status: UInt32

  public var description: String {
    let reason =
      switch dnnl_status_t(rawValue: status) {
      case dnnl_out_of_memory: "out of memory"
      case dnnl_invalid_arguments: "invalid arguments"
      case dnnl_unimplemented: "not implemented on this CPU for these shapes and dtypes"
      default: "status \(status)"
      }
    return "oneDNN, \(call): \(reason)"
  }
}

func check(_ status: dnnl_status_t, _ call: @autoclosure () -> String) throws {
  guard status == dnnl_success else { throw OneDNNError(call: call(), status: status.rawValue) }
}

/// oneDNN's CPU engine and the stream on which all primitives run.
///
/// `@unchecked Sendable`: oneDNN's engines and streams may be used from any thread, and an executor runs one
/// step at a time.
final class OneDNNContext: @unchecked Sendable {
  let engine: dnnl_engine_t
  let stream: dnnl_stream_t

  init() throws {
    // Executables own their primitives. oneDNN's cache would keep up to 1024 of executables that are gone, with their memory.
    try check(dnnl_set_primitive_cache_capacity(0), "primitive cache")
    var engine: dnnl_engine_t?
    try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "engine")
    var stream: dnnl_stream_t?
    try check(dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue)), "stream")
    self.engine = engine!
    self.stream = stream!
  }

  deinit {
    dnnl_stream_destroy(stream)
    dnnl_engine_destroy(engine)
  }

  /// oneDNN's version: "3.2.0".
  static var version: String {
    let version = dnnl_version().pointee
    return "\(version.major).\(version.minor).\(version.patch)"
  }

  /// Whether the effective instruction set, whose value is a set of bits, includes another.
  private static func includes(_ other: dnnl_cpu_isa_t) -> Bool {
    dnnl_get_effective_cpu_isa().rawValue & other.rawValue == other.rawValue
  }

  /// What kernels of our own may use: no more than oneDNN does, so that ONEDNN_MAX_CPU_ISA holds for both.
  static var kernelInstructionSet: KernelInstructionSet {
    let set = CPUKernels.kernelInstructionSet()
    if set == KernelAVX512, includes(dnnl_cpu_isa_avx512_core) { return set }
    return set != KernelNone && includes(dnnl_cpu_isa_avx2) ? KernelAVX2 : KernelNone
  }

  /// bf16 with AVX512_BF16 or AMX, f16 with AVX512_FP16.
  static var fastHalfDTypes: [DType] {
    (includes(dnnl_cpu_isa_avx512_core_bf16) ? [.bf16] : [])
      + (includes(dnnl_cpu_isa_avx512_core_fp16) ? [.f16] : [])
  }

  /// The widest instruction set that oneDNN uses here: "AVX-512 with bf16".
  static var instructionSet: String {
    switch dnnl_get_effective_cpu_isa() {
    case dnnl_cpu_isa_sse41: "SSE4.1"
    case dnnl_cpu_isa_avx: "AVX"
    case dnnl_cpu_isa_avx2: "AVX2"
    case dnnl_cpu_isa_avx2_vnni: "AVX2 with VNNI"
    case dnnl_cpu_isa_avx2_vnni_2: "AVX2 with VNNI and bf16 conversion"
    case dnnl_cpu_isa_avx512_core: "AVX-512"
    case dnnl_cpu_isa_avx512_core_vnni: "AVX-512 with VNNI"
    case dnnl_cpu_isa_avx512_core_bf16: "AVX-512 with bf16"
    case dnnl_cpu_isa_avx512_core_fp16: "AVX-512 with fp16"
    case dnnl_cpu_isa_avx512_core_amx: "AMX"
    default: "a generic instruction set"
    }
  }
}
