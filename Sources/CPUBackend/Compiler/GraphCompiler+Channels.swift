import CPUKernels
import TensorGraph

extension GraphCompiler {
  /// Passes over the channels of a batch where it lies in blocks of 16; nil elsewhere.
  func channelPass(_ x: Value) throws -> ChannelPass? {
    guard type(of: x).shape.rank == 5, [.f32, .bf16].contains(type(of: x).dtype),
      let kernel = channelKernel(OneDNNContext.kernelInstructionSet),
      try home(x).layout == MemoryDescriptor(blocked: type(of: x))
    else { return nil }
    return ChannelPass(type(of: x), kernel, threadCount: threadCount)
  }

  func compilePReLUByChannels(_ node: Node) throws -> Bool {
    let (x, alpha) = (node.operands[0], uncast(node.operands[1]))
    guard type(of: alpha).dtype == .f32, let pass = try channelPass(x) else { return false }
    let layout = try home(x).layout
    let (source, slope) = (try home(x).buffer, try paddedBias(alpha))
    let y = define(node.result, as: layout)
    append(node.operation.name, "passes, blocked 16c", reads: [source, slope], writes: [y]) { addresses in
      let (x, y) = (addresses(source), addresses(y))
      let alpha = addresses.floats(slope)
      return {
        pass.forEachPart { part in
          pass.kernel.parametricReLU(
            pass.storage, x + part.offset, alpha + part.channel, y + part.offset, Int64(part.voxels))
        }
      }
    }
    return true
  }

  func compilePReLUGradientByChannels(_ node: Node) throws -> Bool {
    let (x, alpha, dy) = (node.operands[0], uncast(node.operands[1]), node.operands[2])
    guard type(of: alpha).dtype == .f32, type(of: node.results[1]).dtype == .f32,
      let pass = try channelPass(x)
    else { return false }
    let layout = try home(x).layout
    let (source, slope, cotangent) = (
      try home(x).buffer, try paddedBias(alpha), try located(dy, as: layout)
    )
    let (dx, dalpha) = (define(node.results[0], as: layout), try define(node.results[1]))
    let scratch = makeBuffer(4 * pass.partCount * ChannelPass.blockSize)
    append(
      node.operation.name, "passes, blocked 16c", reads: [source, slope, cotangent], writes: [dx, dalpha],
      scratch: scratch
    ) { addresses in
      let (x, dy, dx) = (addresses(source), addresses(cotangent), addresses(dx))
      let (alpha, target) = (addresses.floats(slope), addresses.floats(dalpha))
      let sums = addresses.floats(scratch)
      return {
        pass.forEachPart { part in
          pass.kernel.parametricReLUGradient(
            pass.storage, x + part.offset, dy + part.offset, alpha + part.channel, dx + part.offset,
            Int64(part.voxels), sums + part.index * ChannelPass.blockSize)
        }
        withUnsafeTemporaryAllocation(of: Double.self, capacity: pass.channels) { totals in
          pass.total(sums, into: totals)
          for c in 0..<pass.channels { target[c] = Float(totals[c]) }
        }
      }
    }
    return true
  }
}
