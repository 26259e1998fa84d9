import Foundation
import TensorGraph

/// Where a model was trained, as far as the last bits of what it computes may depend on it.
public struct TrainingMachine: Codable, Equatable, Sendable {
  /// As Linux tells it.
  public var processor: String
  /// The device's own line: the engine with its version, the instruction set, the threads.
  public var device: String
  /// Of this program.
  public var version: String

  /// This machine, with what an executor says of itself.
  public init(_ executor: any Executor) {
    processor = Self.processorName
    device = executor.summary
    version = ProgramVersion.current
  }

  /// The processor's name; "unknown" where Linux does not tell it.
  public static var processorName: String {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
    let line = lines.first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }

  /// What differs on another machine: "processor A, not B; version 1, not 2"; nil where nothing does.
  public func difference(from other: TrainingMachine) -> String? {
    let pairs = [
      ("processor", processor, other.processor), ("device", device, other.device),
      ("version", version, other.version),
    ]
    let differing = pairs.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1), not \($0.2)" }
    return differing.isEmpty ? nil : differing.joined(separator: "; ")
  }
}
