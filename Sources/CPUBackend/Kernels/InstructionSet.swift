import CPUKernels
import Glibc
import TensorGraph

/// The instruction sets for which kernels are compiled, from the narrowest to the widest.
package enum InstructionSet: String, CaseIterable, CustomStringConvertible {
  /// What the compiler takes for every processor of an architecture.
  case portable
  case avx2
  case avx512
  /// With products of bfloat16.
  case avx512bf16 = "avx512-bf16"

  /// What the processor and its operating system offer.
  package static var widest: InstructionSet { InstructionSet(kernelInstructionSet()) }

  /// Those that this processor has.
  package static var possible: [InstructionSet] { Array(allCases.prefix { $0 != widest }) + [widest] }

  /// What kernels use unless another is named.
  private static var fastest: InstructionSet { InstructionSet(fastestInstructionSet()) }

  private init(_ kernels: KernelInstructionSet) {
    self = Self.allCases.first { $0.kernels == kernels }!
  }

  /// The variable that names another set that the processor has: how tests repeat under each.
  private static let variable = "VNET_INSTRUCTION_SET"

  /// What kernels use in this process.
  package static var used: InstructionSet { (try? chosen()) ?? fastest }

  /// - Throws: `InstructionSetError` where the variable names no set, or one that the processor has not.
  static func chosen() throws -> InstructionSet {
    guard let name = getenv(variable).map({ String(cString: $0) }) else { return fastest }
    guard let set = possible.first(where: { $0.rawValue == name }) else {
      throw InstructionSetError(variable: variable, name: name, possible: possible.map(\.rawValue))
    }
    return set
  }

  /// As executors tell it: "AVX-512 with bf16".
  package var description: String {
    switch self {
    case .portable: "portable instructions"
    case .avx2: "AVX2"
    case .avx512: "AVX-512"
    case .avx512bf16: "AVX-512 with bf16"
    }
  }

  var kernels: KernelInstructionSet {
    switch self {
    case .portable: KernelPortable
    case .avx2: KernelAVX2
    case .avx512: KernelAVX512
    case .avx512bf16: KernelAVX512BFloat16
    }
  }
}

/// The environment names an instruction set that there is not.
public struct InstructionSetError: Error, CustomStringConvertible {
  let variable, name: String
  let possible: [String]

  public var description: String {
    "\(variable) is \(name), which this processor has not; give \(possible.joined(separator: ", ")), or leave it out"
  }
}
