import CPUKernels
import TensorGraph

extension GraphCompiler {
  /// Passes over the channels of a batch where it lies in blocks of 16; nil elsewhere.
  private func channelPass(_ x: Value) throws -> ChannelPass? {
    guard type(of: x).shape.rank == 5, [.f32, .bf16].contains(type(of: x).dtype),
      let kernel = channelKernel(OneDNNContext.kernelInstructionSet),
      try home(x).layout == MemoryDescriptor(blocked: type(of: x))
    else { return nil }
    return ChannelPass(type(of: x), kernel, threadCount: threadCount)
  }

  private func floats(_ addresses: Addresses, _ buffer: BufferID) -> UnsafeMutablePointer<Float> {
    addresses.floats(buffer)
  }

  /// Batch norm with what follows it: a ReLU, and an addition. Returns false where the layout does not suit.
  func compileBatchNormByChannels(_ index: Int, _ node: Node, _ epsilon: Double) throws -> Bool {
    let x = node.operands[0]
    guard let pass = try channelPass(x) else { return false }
    let relu = fusions.reluOfBatchNorm[index].map { graph.nodes[$0].result }
    let addition = fusions.additionOfBatchNorm[index]
    let work = BatchNormWork(pass: pass, epsilon: epsilon, isRectified: relu != nil)
    let layout = try home(x).layout
    let (source, scale, offset) = (
      try home(x).buffer, try rowMajor(node.operands[1]), try rowMajor(node.operands[2])
    )
    let residual = try addition.map { try located($0.other, as: layout) }
    let y = define(addition.map { graph.nodes[$0.node].result } ?? relu ?? node.results[0], as: layout)
    let (mean, variance) = (try define(node.results[1]), try define(node.results[2]))
    let scratch = makeBuffer(4 * work.scratchCount)
    append(
      "batch norm" + (relu == nil ? "" : " + relu") + (addition == nil ? "" : " + add"),
      "passes, blocked 16c",
      reads: [source, scale, offset] + (residual.map { [$0] } ?? []), writes: [y, mean, variance],
      scratch: scratch
    ) { addresses in
      let forward = BatchNormWork.Forward(
        x: addresses(source), scale: addresses.floats(scale), offset: addresses.floats(offset),
        residual: residual.map { UnsafeRawPointer(addresses($0)) }, y: addresses(y),
        mean: addresses.floats(mean), variance: addresses.floats(variance),
        scratch: addresses.floats(scratch))
      return { work.run(forward) }
    }
    return true
  }

  /// The gradient of a batch norm that `compileBatchNormByChannels` compiled.
  func compileBatchNormGradientByChannels(_ index: Int, _ node: Node, _ epsilon: Double) throws -> Bool {
    let x = node.operands[0]
    let relu = fusions.reluOfBatchNormGradient[index]
    guard let pass = try channelPass(x) else { return false }
    // The offset tells where the ReLU passed the gradient on.
    let batchNorm = fusions.producers[node.operands[2].id].map { graph.nodes[$0] }
    let work = BatchNormWork(pass: pass, epsilon: epsilon, isRectified: relu != nil)
    let layout = try home(x).layout
    let source = try home(x).buffer
    let cotangent = try located(relu.map { graph.nodes[$0].operands[1] } ?? node.operands[4], as: layout)
    let parameters = try node.operands[1...3].map { try rowMajor($0) }
    let offset = try relu == nil ? parameters[0] : rowMajor(batchNorm!.operands[2])
    let dx = define(node.results[0], as: layout)
    let (dscale, doffset) = (try define(node.results[1]), try define(node.results[2]))
    let dxSum = makeBuffer(4 * pass.channels)
    channelSums[node.results[0]] = dxSum
    let scratch = makeBuffer(4 * work.scratchCount)
    append(
      node.operation.name + (relu == nil ? "" : " + relu"), "passes, blocked 16c",
      reads: [source, cotangent, offset] + parameters, writes: [dx, dscale, doffset, dxSum], scratch: scratch
    ) { addresses in
      let gradient = BatchNormWork.Gradient(
        x: addresses(source), dy: addresses(cotangent), scale: addresses.floats(parameters[0]),
        offset: addresses.floats(offset), mean: addresses.floats(parameters[1]),
        variance: addresses.floats(parameters[2]), dx: addresses(dx),
        dscale: addresses.floats(dscale), doffset: addresses.floats(doffset),
        dxSum: addresses.floats(dxSum), scratch: addresses.floats(scratch))
      return { work.run(gradient) }
    }
    return true
  }

  // MARK: PReLU

  func compilePReLUByChannels(_ node: Node) throws -> Bool {
    let (x, alpha) = (node.operands[0], fusions.uncast(node.operands[1]))
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
    let (x, alpha, dy) = (node.operands[0], fusions.uncast(node.operands[1]), node.operands[2])
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
