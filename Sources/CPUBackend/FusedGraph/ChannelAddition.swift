import TensorGraph

/// The addition of a batch of one channel, repeated, to one of many.
struct ChannelAddition: Fusion {
  let addition: Node
  /// `[N, D, H, W, 1]`.
  let image: Value
  /// `[N, D, H, W, C]`.
  let features: Value

  var operands: [Value] { [image, features] }
  var results: [Value] { addition.results }

  static func patches(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    guard let node = graph.plain(index), node.operation == .binary(.add),
      node.operands.allSatisfy({ graph.type(of: $0).shape.rank == 5 })
    else { return [] }
    return zip(node.operands, node.operands.reversed()).compactMap { operand, other in
      guard let place = graph.defUse.onlyProducer(of: operand), let broadcast = graph.plain(place),
        [.f32, .bf16].contains(graph.type(of: operand).dtype),
        case .broadcast(let shape, axes: [0, 1, 2, 3, 4]) = broadcast.operation
      else { return nil }
      var expected = shape
      expected[4] = 1
      guard graph.type(of: broadcast.operands[0]).shape == expected else { return nil }
      let fused = ChannelAddition(addition: node, image: broadcast.operands[0], features: other)
      return Patch(host: index, places: [place, index], operation: .channelAddition(fused))
    }
  }

  func lower(_ compiler: GraphCompiler) throws {
    var layout = try compiler.home(features).layout
    if layout.channelBlock == nil || layout.isPadded { layout = compiler.rowMajorLayout(of: features) }
    let type = compiler.type(of: features)
    let shape = type.shape
    let block = layout.channelBlock ?? shape.channels
    let kernel = ChannelBroadcastKernel(
      rows: shape[0] * shape.channels / block, rowsPerImage: shape.channels / block,
      voxels: shape[1] * shape[2] * shape[3], block: block)
    let x = try compiler.rowMajor(image)
    let y = try compiler.located(features, as: layout)
    let out = compiler.define(addition.result, as: layout)
    compiler.append(
      "add broadcast", "kernel, \(layout.layoutSummary)", reads: [x, y], writes: [out]
    ) { addresses in
      kernel.work(type.dtype, addresses(x), addresses(y), addresses(out))
    }
  }
}
