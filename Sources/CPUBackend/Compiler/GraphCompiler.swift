import COneDNN
import Glibc
import TensorGraph

/// Turns a graph into a plan: chooses a primitive or a kernel and a layout for every operation, and inserts a
/// reorder where a consumer wants another layout than the producer gave.
///
/// Layouts flow forward: convolutions choose theirs (`format any`), everything else takes its operand's.
final class GraphCompiler {
  /// A tensor in memory.
  struct Located {
    var buffer: BufferID
    var layout: MemoryDescriptor
  }

  let graph: Graph
  let context: OneDNNContext
  let chooser: ConvolutionChooser
  let fusions: Fusions
  var plan = Plan()
  /// Where each value lies; the first place is its home, the others are reordered copies.
  var places: [Value: [Located]] = [:]
  /// Persistent parameters whose layout no operation has chosen yet.
  private var undecided: [Value: String] = [:]
  /// Forward poolings by operand and window: gradients use their workspaces.
  var poolings: [PoolingKey: ForwardPooling] = [:]
  /// Workspaces of fused batch norms, by the node that computed them.
  var batchNormWorkspaces: [Int: Located] = [:]
  /// Sums over all axes but the channels that came with the computation of a value.
  var channelSums: [Value: BufferID] = [:]
  /// Casts between floating-point dtypes that have not been asked for row-major: a reorder into the layout that a
  /// primitive wants casts on the way.
  var lazyCasts: [Value: Value] = [:]
  /// All-reduces that were started and that no step waits for yet.
  var openAllReduces: [OpenAllReduce] = []
  private var memoryLayouts: [Value: MemoryDescriptor] = [:]

  /// - Parameter collectives: the replicas over which gradients are averaged; nil where there is one.
  init(
    _ graph: Graph, _ context: OneDNNContext, _ chooser: ConvolutionChooser,
    _ collectives: (any Collectives)? = nil
  ) {
    self.graph = graph
    self.context = context
    self.chooser = chooser
    fusions = Fusions(graph)
    plan.allReduces = collectives.map { AllReduces($0) }
  }

  var threadCount: Int { chooser.threadCount }

  func compile() throws -> Plan {
    for parameter in graph.parameters { try declare(parameter) }
    let rows = RowClusters(graph, fusions)
    for (index, node) in graph.nodes.enumerated()
    where !fusions.absorbed.contains(index) && !rows.absorbed.contains(index) {
      if let cluster = rows.clusters[index] {
        try compileRows(cluster)
      } else {
        try compile(index, node)
      }
    }
    for output in graph.outputs {
      let place = Located(buffer: try rowMajor(output.value), layout: try rowMajorLayout(of: output.value))
      plan.outputs.append((output.name, try unaffectedByUpdates(place).buffer))
    }
    try compileUpdates()
    for open in openAllReduces { awaitAllReduce(of: open.results[0]) }
    for value in undecided.keys.sorted(by: { $0.id < $1.id }) { _ = try home(value) }
    if graph.updates.isEmpty { plan.moveConstantStepsFirst() }
    plan.placeBuffers()
    return plan
  }

  private func declare(_ parameter: Parameter) throws {
    if parameter.kind.isPersistent {
      undecided[parameter.value] = parameter.name
    } else {
      let buffer = try define(parameter.value)
      plan.inputs.append((parameter.name, buffer))
    }
  }

  private func compile(_ index: Int, _ node: Node) throws {
    switch node.operation {
    case .constant(let value, _): try compileConstant(node, value)
    case .convolution(let window): try compileConvolution(index, node, window)
    case .convolutionInputGradient(let window, _): try compileInputGradient(index, node, window)
    case .convolutionFilterGradient(let window, _): try compileFilterGradient(index, node, window)
    case .maxPool(let window): try compileMaxPool(node, window)
    case .maxPoolGradient(let window): try compileMaxPoolGradient(node, window)
    case .biasAdd: try compileBiasAdd(node)
    case .batchNormTraining(let epsilon): try compileBatchNorm(index, node, epsilon)
    case .batchNormInference(let epsilon): try compileBatchNormInference(node, Float(epsilon))
    case .batchNormGradient(let epsilon): try compileBatchNormGradient(index, node, epsilon)
    case .relu: try compileReLU(node)
    case .reluGradient: try compileReLUGradient(node)
    case .prelu: try compilePReLU(node)
    case .preluGradient: try compilePReLUGradient(node)
    case .softmax: try compileSoftmax(node)
    case .softmaxGradient: try compileSoftmaxGradient(node)
    case .unary(let function): try compileUnary(node, function)
    case .binary(let function): try compileBinary(index, node, function)
    case .compare(let comparison): try compileCompare(node, comparison)
    case .select: try compileSelect(node)
    case .cast: try compileCast(node)
    case .concatenate(let axis): try compileConcatenate(node, axis)
    case .slice(let start, let limit): try compileSlice(node, start, limit)
    case .pad(let before, _): try compilePad(node, before)
    case .reshape: try compileReshape(node)
    case .transpose(let permutation): try compileTranspose(node, permutation)
    case .broadcast(_, let axes): try compileBroadcast(node, axes)
    case .reduceSum(let axes): try compileReduceSum(index, node, axes)
    case .oneHot(let depth, let dtype): try compileOneHot(node, depth, dtype)
    case .argmax(let axis): try compileArgmax(node, axis)
    case .allReduceMean: try compileAllReduce(node)
    case .optimizerUpdate(let rule): try compileOptimizer(index, node, rule)
    }
  }

  // MARK: Updates

  /// All updates take place at once, after the last node: a parameter that another is updated with, or that a
  /// run gives back, still has its old content.
  private func compileUpdates() throws {
    let sources = try graph.updates.map { try unaffectedByUpdates(try home($0.value)) }
    for (update, source) in zip(graph.updates, sources) where try !isUpdatedInPlace(update) {
      try appendReorder(source, to: try home(update.parameter), name: "update")
    }
  }

  /// Whether the parameter's memory holds the new content already: an optimiser wrote it there.
  private func isUpdatedInPlace(_ update: Update) throws -> Bool {
    try home(update.value).buffer == home(update.parameter).buffer
  }

  /// A value's place, or that of a copy where an update will overwrite it.
  private func unaffectedByUpdates(_ place: Located) throws -> Located {
    let isOverwritten = try graph.updates.contains {
      try home($0.parameter).buffer == place.buffer && !isUpdatedInPlace($0)
    }
    guard isOverwritten else { return place }
    let copy = Located(buffer: makeBuffer(place.layout.byteCount), layout: place.layout)
    try appendReorder(place, to: copy, name: "copy")
    return copy
  }

  // MARK: Buffers

  func type(of value: Value) -> TensorType { graph.type(of: value) }

  func makeBuffer(_ byteCount: Int) -> BufferID {
    plan.buffers.append(BufferInfo(byteCount: byteCount, parameter: nil))
    return BufferID(index: plan.buffers.count - 1)
  }

  /// Makes a buffer that is a part of another.
  func makeBuffer(_ byteCount: Int, in whole: BufferID, at offset: Int) -> BufferID {
    plan.buffers.append(BufferInfo(byteCount: byteCount, parameter: nil, part: (whole, offset)))
    return BufferID(index: plan.buffers.count - 1)
  }

  /// Makes a buffer for a value in a layout, its home from now on.
  func define(_ value: Value, as layout: MemoryDescriptor) -> BufferID {
    let buffer = makeBuffer(layout.byteCount)
    places[value] = [Located(buffer: buffer, layout: layout)]
    return buffer
  }

  /// Makes a row-major buffer for a value.
  func define(_ value: Value) throws -> BufferID { define(value, as: try rowMajorLayout(of: value)) }

  func rowMajorLayout(of value: Value) throws -> MemoryDescriptor {
    if let layout = memoryLayouts[value] { return layout }
    let layout = try MemoryDescriptor(rowMajor: type(of: value))
    memoryLayouts[value] = layout
    return layout
  }

  /// Where a value lies in the layout that its producer chose; row-major for a parameter that nobody has used.
  func home(_ value: Value) throws -> Located {
    awaitAllReduce(of: value)
    if let place = places[value]?.first { return place }
    if let operand = lazyCasts[value] { return try materializeCast(operand, value) }
    return decide(value, try rowMajorLayout(of: value))
  }

  /// Gives a persistent parameter the layout in which it is kept, unless it has one.
  func decideIfOpen(_ value: Value, _ layout: MemoryDescriptor) {
    if undecided[value] != nil { _ = decide(value, layout) }
  }

  /// Gives a persistent parameter the layout in which it is kept.
  private func decide(_ value: Value, _ layout: MemoryDescriptor) -> Located {
    guard let name = undecided.removeValue(forKey: value) else {
      preconditionFailure("value \(value.id) is used before it is computed")
    }
    plan.buffers.append(BufferInfo(byteCount: layout.byteCount, parameter: name))
    plan.persistentLayouts[name] = layout
    let place = Located(buffer: BufferID(index: plan.buffers.count - 1), layout: layout)
    places[value] = [place]
    return place
  }

  /// The buffer that holds a value in the given layout, reordered if need be.
  func located(_ value: Value, as layout: MemoryDescriptor) throws -> BufferID {
    awaitAllReduce(of: value)
    if undecided[value] != nil { return decide(value, layout).buffer }
    if let place = places[value]?.first(where: { $0.layout == layout }) { return place.buffer }
    if places[value] == nil, layout.innerBlocks.isEmpty, try home(value).layout == layout {
      return try home(value).buffer  // A cast that had been put off.
    }
    let copy = Located(buffer: makeBuffer(layout.byteCount), layout: layout)
    if let operand = lazyCasts[value], !layout.innerBlocks.isEmpty {
      try appendReorder(try home(operand), to: copy, name: "cast")
    } else {
      try appendReorder(try home(value), to: copy, name: "reorder")
    }
    places[value, default: []].append(copy)
    return copy.buffer
  }

  func rowMajor(_ value: Value) throws -> BufferID {
    try located(value, as: try rowMajorLayout(of: value))
  }

  // MARK: Steps

  /// Appends a kernel of ours.
  func append(
    _ name: String, _ detail: String, reads: [BufferID], writes: [BufferID], scratch: BufferID? = nil,
    _ run: @escaping (Addresses) -> () -> Void
  ) {
    plan.steps.append(
      Step(name: name, detail: detail, reads: reads, writes: writes, scratch: scratch, bind: run))
  }

  /// One operand or result of a primitive: its oneDNN index, layout in the primitive's axis order, and buffer.
  struct Argument {
    var index: Int32
    var layout: MemoryDescriptor
    var buffer: BufferID
    var isWritten = false
  }

  /// Appends a oneDNN primitive.
  ///
  /// - Parameter clearsScratch: zeroes the scratchpad before each run.
  func append(
    _ name: String, _ descriptor: PrimitiveDescriptor, _ arguments: [Argument], clearsScratch: Bool = false
  ) throws {
    let primitive = Primitive(descriptor)
    let scratchLayout = try descriptor.layout(dnnl_query_scratchpad_md, .graph)
    let scratch = scratchLayout.byteCount > 0 ? makeBuffer(scratchLayout.byteCount) : nil
    let all =
      arguments
      + (scratch.map { [Argument(index: DNNL_ARG_SCRATCHPAD, layout: scratchLayout, buffer: $0)] } ?? [])
    let context = context
    plan.steps.append(
      Step(
        name: name, detail: descriptor.implementation,
        reads: arguments.filter { !$0.isWritten }.map(\.buffer),
        writes: arguments.filter(\.isWritten).map(\.buffer), scratch: scratch
      ) { addresses in
        let memories = try all.map { try BoundMemory($0.layout, addresses($0.buffer), context) }
        let bound = zip(all, memories).map { dnnl_exec_arg_t(arg: $0.index, memory: $1.handle) }
        let cleared = clearsScratch ? scratch.map { addresses($0) } : nil
        return {
          if let cleared { memset(cleared, 0, scratchLayout.byteCount) }
          try withExtendedLifetime(memories) {
            try check(
              dnnl_primitive_execute(primitive.handle, context.stream, Int32(bound.count), bound), name)
          }
        }
      })
  }

  func appendReorder(_ source: Located, to target: Located, name: String) throws {
    let context = context
    let descriptor = try PrimitiveDescriptor(
      "reorder of \(source.layout.extents) to \(target.layout.extents)"
    ) {
      result, attributes in
      dnnl_reorder_primitive_desc_create(
        result, source.layout.handle, context.engine, target.layout.handle, context.engine, attributes)
    }
    try append(
      name, descriptor,
      [
        Argument(index: DNNL_ARG_FROM, layout: source.layout, buffer: source.buffer),
        Argument(index: DNNL_ARG_TO, layout: target.layout, buffer: target.buffer, isWritten: true),
      ])
  }
}
