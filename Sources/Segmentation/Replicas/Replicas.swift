import Foundation
import TensorGraph

/// The processes that share out one job, as one of them sees them.
public struct Replicas {
  /// How they exchange; nil where there is one.
  let collectives: (any Collectives)?

  public init(_ collectives: (any Collectives)? = nil) { self.collectives = collectives }

  /// This replica, from 0.
  public var rank: Int { collectives?.rank ?? 0 }
  public var count: Int { collectives?.count ?? 1 }
  /// Whether this is the replica that prints and writes.
  public var isFirst: Bool { rank == 0 }

  // MARK: Shares

  /// This replica's share of items: every `count`-th.
  func share<Item>(of items: [Item]) -> [Item] {
    stride(from: rank, to: items.count, by: count).map { items[$0] }
  }

  /// Puts the results for everybody's shares back into the order of the items.
  func joined<Result: Codable>(_ results: [Result]) throws -> [Result] {
    let shares = try gather(results)
    let total = shares.reduce(0) { $0 + $1.count }
    return (0..<total).map { shares[$0 % count][$0 / count] }
  }

  /// The replicas that share this one's machine, itself included.
  func countOnThisMachine() throws -> Int {
    guard count > 1 else { return 1 }
    let hosts = try gather(ProcessInfo.processInfo.hostName)
    return hosts.count { $0 == hosts[rank] }
  }

  // MARK: Exchange

  /// What every replica gave, in their order.
  public func gather<Value: Codable>(_ value: Value) throws -> [Value] {
    guard let collectives else { return [value] }
    return try collectives.gather(try Self.encode(value)).map { try Self.decode($0) }
  }

  /// What the first replica's `body` returns; the others' is not called.
  public func fromFirst<Value: Codable>(_ body: () throws -> Value) throws -> Value {
    guard let collectives else { return try body() }
    return try Self.decode(try collectives.broadcast(isFirst ? try Self.encode(try body()) : []))
  }

  /// The bytes that the first replica's `body` returns; the others' is not called.
  func bytesFromFirst(_ body: () throws -> [UInt8]) throws -> [UInt8] {
    guard let collectives else { return try body() }
    return try collectives.broadcast(isFirst ? try body() : [])
  }

  /// The mean of each tensor over the replicas, the same bits for all.
  func mean(of tensors: [String: Tensor]) throws -> [String: Tensor] {
    guard let collectives else { return tensors }
    let names = tensors.keys.sorted()
    var elements = names.flatMap { tensors[$0]!.elements }
    try elements.withUnsafeMutableBytes { buffer in
      guard let address = buffer.baseAddress else { return }
      try collectives.startSum(address, count: buffer.count / 4, .f32).wait()
    }
    var means: [String: Tensor] = [:]
    var start = 0
    for name in names {
      let type = tensors[name]!.type
      let end = start + type.shape.elementCount
      means[name] = Tensor(type, elements[start..<end].map { $0 / Float(count) })
      start = end
    }
    return means
  }

  // MARK: Compiling

  /// Compiles graphs that all replicas compile at once. The first measures what is chosen by measuring before the
  /// others compile, and they take over its choices; executors in lockstep compile together.
  func compile(_ graphs: [Graph], on executor: any Executor) throws -> [any Executable] {
    if executor.runsInLockstep { return try graphs.map(executor.compile) }
    let executables = isFirst ? try graphs.map(executor.compile) : []
    executor.adopt(measuredChoices: try fromFirst { executor.measuredChoices })
    return isFirst ? executables : try graphs.map(executor.compile)
  }

  // MARK: Bytes

  private static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return Array(try encoder.encode(value))
  }

  private static func decode<Value: Decodable>(_ bytes: [UInt8]) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(Value.self, from: Data(bytes))
  }
}
