import CPUBackend
import MPICollectives
import TensorGraph

/// Broadcasts and gathers of no bytes, of few and of many, of another number on each rank.
func bytesArrive(_ world: MPIWorld) throws -> [String] {
  var failures: [String] = []
  for count in [0, 1, 1000, 3_000_000] {
    let own = [UInt8](repeating: UInt8(world.rank + 1), count: count)
    if try world.broadcast(own) != [UInt8](repeating: 1, count: count) {
      failures.append("broadcast of \(count) bytes")
    }
    let mine = [UInt8](repeating: UInt8(world.rank), count: count * world.rank)
    let expected = (0..<world.count).map { [UInt8](repeating: UInt8($0), count: count * $0) }
    if try world.gather(mine) != expected { failures.append("gather of \(count) bytes times the rank") }
  }
  return failures
}

/// Sums of small whole numbers, which every dtype holds exactly, several under way at once.
func sumsAreExact(_ world: MPIWorld) throws -> [String] {
  var failures: [String] = []
  for count in [1, 7, 100_003] {
    for dtype in [DType.f32, .bf16, .f16] {
      let numbers = (0..<2).map { part in (0..<count).map { Float(($0 + part) % 5 + world.rank) } }
      let buffers = numbers.map { bytes(of: $0, dtype) }
      let sums = try buffers.map { try world.startSum($0.baseAddress!, count: count, dtype) }
      while try !sums[0].progress() {}
      for sum in sums { try sum.wait() }
      let ranks = world.count * (world.count - 1) / 2
      for (part, buffer) in buffers.enumerated() {
        let expected = (0..<count).map { Float(($0 + part) % 5 * world.count + ranks) }
        if Array(buffer) != Array(bytes(of: expected, dtype)) { failures.append("sum of \(count) \(dtype)") }
      }
    }
  }
  return failures
}

/// Numbers as they lie in memory.
private func bytes(of numbers: [Float], _ dtype: DType) -> UnsafeMutableRawBufferPointer {
  let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: numbers.count * dtype.byteCount, alignment: 64)
  for (index, number) in numbers.enumerated() {
    switch dtype {
    case .bf16:
      buffer.storeBytes(of: UInt16(number.bitPattern >> 16), toByteOffset: 2 * index, as: UInt16.self)
    case .f16: buffer.storeBytes(of: Float16(number), toByteOffset: 2 * index, as: Float16.self)
    default: buffer.storeBytes(of: number, toByteOffset: 4 * index, as: Float.self)
    }
  }
  return buffer
}

/// A graph of all-reduces, one of them unused and one an output at once, on the CPU backend and on the interpreter.
func executorsAgree(_ world: MPIWorld) throws -> [String] {
  var failures: [String] = []
  for dtype in [DType.f32, .bf16, .f16] {
    var builder = GraphBuilder(name: "all-reduces")
    let x = builder.parameter("x", .input, TensorType(dtype, [3, 5]))
    let y = builder.parameter("y", .input, TensorType(dtype, []))
    let first = try builder.apply(.allReduceMean, [x, y])
    let square = try builder.multiply(first[0], first[0])
    _ = try builder.apply(.allReduceMean, [y])
    builder.output("second", try builder.apply(.allReduceMean, [square])[0])
    builder.output("scalar", first[1])
    let inputs = [
      "x": Tensor(TensorType(dtype, [3, 5]), (0..<15).map { Float($0 + 3 * world.rank) }),
      "y": Tensor(TensorType(dtype, []), [Float(world.rank + 1)]),
    ]
    let expected = try Interpreter(collectives: world).run(builder.graph, inputs)
    let found = try CPUExecutor(threadCount: 1, collectives: world).compile(builder.graph).run(inputs)
    for (name, tensor) in expected {
      let differences = zip(found[name]!.elements, tensor.elements).map { abs($0 - $1) / max(1, abs($1)) }
      // Written so that what is not a number fails.
      if !differences.allSatisfy({ $0 <= (dtype == .f32 ? 1e-6 : 0x1p-7) }) {
        failures.append("\(dtype) output \(name)")
      }
    }
  }
  return failures
}
