import ArgumentParser
import Foundation
import Segmentation
import TensorGraph
import Training

extension HalfPrecision: ExpressibleByArgument {}

extension LossScale: ExpressibleByArgument {
  /// "dynamic", "none" or a positive number.
  public init?(argument: String) {
    switch argument {
    case "dynamic": self = .dynamic
    case "none": self = .none
    default:
      guard let scale = Double(argument), scale > 0, scale.isFinite else { return nil }
      self = .fixed(scale)
    }
  }
}

/// Options of automatic mixed precision.
struct PrecisionOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Half precision wherever that is safe. Without a flag the environment decides: "
        + "VNET_ENABLE_AUTO_MIXED_PRECISION or TF_ENABLE_AUTO_MIXED_PRECISION, 1 or 0."))
  var amp: Bool?

  @Option(help: "The half-precision dtype, bf16 or fp16 (what the device is fast in); asks for --amp.")
  var ampDtype: HalfPrecision?

  /// The options that were given, for what computes nothing in any precision.
  var given: [String] {
    [amp.map { $0 ? "--amp" : "--no-amp" }, ampDtype == nil ? nil : "--amp-dtype"].compactMap { $0 }
  }

  /// - Parameter lossScale: what `--loss-scale` asked for, where there is one.
  func decision(on executor: any Executor, lossScale: LossScale? = nil) throws -> PrecisionDecision {
    try PrecisionDecision(
      PrecisionRequest(
        amp: amp, dtype: ampDtype, lossScale: lossScale,
        environment: ProcessInfo.processInfo.environment), on: executor)
  }
}
