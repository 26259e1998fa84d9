import CPUKernels
import TensorGraph

// PReLU by passes over channels.
extension GraphCompiler {
  func compilePReLU(_ node: Node) throws {
    let pass = channelPass(node.operands[0])
    let (source, slope) = (try blocked(node.operands[0]), try paddedBias(uncast(node.operands[1])))
    try withBlockedResult(node.result) { y in
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
    }
  }

  func compilePReLUGradient(_ node: Node) throws {
    let pass = channelPass(node.operands[0])
    let (source, slope) = (try blocked(node.operands[0]), try paddedBias(uncast(node.operands[1])))
    let cotangent = try blocked(node.operands[2])
    let scratch = makeBuffer(4 * pass.partCount * ChannelPass.blockSize)
    try withBlockedResult(node.results[0]) { dx in
      try withKernelResult(node.results[1]) { dalpha in
        append(
          node.operation.name, "passes, blocked 16c", reads: [source, slope, cotangent],
          writes: [dx, dalpha],
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
      }
    }
  }
}
