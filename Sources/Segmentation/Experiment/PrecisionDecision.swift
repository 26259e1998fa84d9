import TensorGraph
import Training

/// A half-precision dtype by the name that users know.
public enum HalfPrecision: String, Codable, Sendable, CaseIterable {
  case bf16
  case fp16

  public var dtype: DType { self == .bf16 ? .bf16 : .f16 }
}

/// What a user asked for, by flags or by the environment.
public struct PrecisionRequest: Sendable {
  /// `--amp` or `--no-amp`; nil for neither.
  public var amp: Bool?
  /// `--amp-dtype`, which asks for mixed precision, too.
  public var dtype: HalfPrecision?
  /// `--loss-scale`.
  public var lossScale: LossScale?
  public var environment: [String: String]

  public init(
    amp: Bool? = nil, dtype: HalfPrecision? = nil, lossScale: LossScale? = nil,
    environment: [String: String] = [:]
  ) {
    self.amp = amp
    self.dtype = dtype
    self.lossScale = lossScale
    self.environment = environment
  }
}

/// Why mixed precision cannot be had.
public enum PrecisionError: Error, Equatable, CustomStringConvertible {
  case unsupported(HalfPrecision, device: String)
  case contradiction

  public var description: String {
    switch self {
    case .unsupported(let dtype, let device):
      "--amp-dtype \(dtype.rawValue) has no fast support on this device (\(device)); leave it out, or use --amp, "
        + "which takes what there is."
    case .contradiction:
      "--no-amp and --amp-dtype contradict each other; leave one out."
    }
  }
}

/// The precision of a run, and who decided it. A flag wins over the environment, a variable of ours over the
/// reference system's.
///
/// Source of the variables: TensorFlow, `TF_ENABLE_AUTO_MIXED_PRECISION` and its `_LOSS_SCALING`.
public struct PrecisionDecision: Equatable, Sendable {
  /// nil for float32 throughout.
  public let halfDType: DType?
  public let lossScale: LossScale
  /// One line for the terminal and the log.
  public let summary: String

  static let rewriteVariables = ["VNET_ENABLE_AUTO_MIXED_PRECISION", "TF_ENABLE_AUTO_MIXED_PRECISION"]
  static let scalingVariables = rewriteVariables.map { $0 + "_LOSS_SCALING" }

  /// - Throws: `PrecisionError` when a dtype that was named cannot be had.
  public init(_ request: PrecisionRequest, on executor: any Executor) throws(PrecisionError) {
    if request.amp == false && request.dtype != nil { throw .contradiction }
    let (isWanted, source) = Self.wish(request)
    guard isWanted else {
      self.init(halfDType: nil, lossScale: request.lossScale ?? .none, summary: "float32 (\(source))")
      return
    }
    if let dtype = request.dtype, !executor.fastHalfDTypes.contains(dtype.dtype) {
      throw .unsupported(dtype, device: executor.summary)
    }
    guard let half = request.dtype?.dtype ?? executor.fastHalfDTypes.first else {
      self.init(
        halfDType: nil, lossScale: request.lossScale ?? .none,
        summary:
          "float32: mixed precision was asked for (\(source)), but this device has no fast half precision"
      )
      return
    }
    let scale = Self.scale(request, half)
    self.init(
      halfDType: half, lossScale: scale.value,
      summary: "mixed precision with \(half.rawValue) (\(source)), loss scale \(scale.value.summary) "
        + "(\(scale.source))")
  }

  private init(halfDType: DType?, lossScale: LossScale, summary: String) {
    self.halfDType = halfDType
    self.lossScale = lossScale
    self.summary = summary
  }

  private static func wish(_ request: PrecisionRequest) -> (Bool, source: String) {
    if let amp = request.amp { return (amp, amp ? "--amp" : "--no-amp") }
    if request.dtype != nil { return (true, "--amp-dtype") }
    for name in rewriteVariables {
      if let value = request.environment[name] { return (isOn(value), "\(name)=\(value)") }
    }
    return (false, "default")
  }

  /// fp16 needs a scale for its narrow range, bf16 has float32's.
  private static func scale(_ request: PrecisionRequest, _ half: DType) -> (value: LossScale, source: String)
  {
    if let lossScale = request.lossScale { return (lossScale, "--loss-scale") }
    for name in scalingVariables {
      if let value = request.environment[name], !isOn(value) { return (.none, "\(name)=\(value)") }
    }
    return (half == .f16 ? .dynamic : .none, "default for \(half.rawValue)")
  }

  private static func isOn(_ value: String) -> Bool {
    !["", "0", "false", "no", "off"].contains(value.lowercased())
  }
}

extension LossScale {
  fileprivate var summary: String {
    switch self {
    case .none: "none"
    case .fixed(let scale): "\(scale)"
    case .dynamic: "dynamic"
    }
  }
}
