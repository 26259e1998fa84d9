import TensorGraph

/// Turns a graph into a plan: chooses a kernel and a layout for every operation, and inserts a reorder where a consumer
/// wants another layout than the producer gave.
///
/// Layouts flow forward: convolutions and passes over channels compute in blocks of 16 channels, everything else takes its
/// operand's layout.
final class GraphCompiler {
  let graph: Graph
  let chooser: ConvolutionChooser
  let fused: FusedGraph
  var plan = Plan()
  /// Where each value lies; the first place is its home, the others are reordered copies.
  private var places: [Value: [Located]] = [:]
  /// What brings values into memory once somebody asks for them.
  private var pending: [Value: Pending] = [:]

  /// - Parameter collectives: the replicas over which gradients are averaged; nil where there is one.
  init(
    _ graph: Graph, _ chooser: ConvolutionChooser, _ collectives: (any Collectives)? = nil
  ) {
    self.graph = graph
    self.chooser = chooser
    fused = FusedGraph(graph)
    plan.allReduces = collectives.map { AllReduces($0) }
  }

  var threadCount: Int { chooser.threadCount }

  func compile() throws -> Plan {
    for parameter in graph.parameters { try declare(parameter) }
    for index in graph.nodes.indices { if let node = fused.plain(index) { postpone(node) } }
    for operation in fused.operations.compactMap({ $0 }) { try operation.lower(self) }
    for output in graph.outputs {
      let place = Located(buffer: try rowMajor(output.value), layout: rowMajorLayout(of: output.value))
      plan.outputs.append((output.name, try unaffectedByUpdates(place).buffer))
    }
    try compileUpdates()
    awaitAllReduces()
    try placeUnusedParameters()
    plan.updateInPlace()
    if !graph.changesWeights { plan.moveConstantStepsFirst() }
    plan.placeBuffers()
    return plan
  }

  // MARK: Declarations

  private func declare(_ parameter: Parameter) throws {
    if parameter.kind.isPersistent {
      pending[parameter.value] = .parameter(name: parameter.name)
    } else {
      let buffer = define(parameter.value)
      plan.inputs.append((parameter.name, buffer))
    }
  }

  /// Scalar constants and casts between floating-point dtypes are put off until somebody asks for the result: a
  /// operation that wants blocks gets them of a cast by one reorder that casts, everything else a row-major copy by a
  /// kernel that is exact for subnormals, too.
  func postpone(_ node: Node) {
    switch node.operation {
    case .constant(let number, let type) where type.shape.rank == 0:
      pending[node.result] = .constant(number)
    case .cast(let dtype) where dtype.isFloatingPoint && type(of: node.operands[0]).dtype.isFloatingPoint:
      pending[node.result] = .cast(of: node.operands[0])
    default: break  // Computed in its turn.
    }
  }

  private func placeUnusedParameters() throws {
    let unused = pending.filter { if case .parameter = $0.value { true } else { false } }.keys
    for value in unused.sorted(by: { $0.id < $1.id }) { _ = try home(value) }
  }

  // MARK: Updates

  /// All updates take place at once, after the last node: a parameter that another is updated with, or that a
  /// run gives back, still has its old content.
  private func compileUpdates() throws {
    let sources = try graph.updates.map { try unaffectedByUpdates(try home($0.value)) }
    for (update, source) in zip(graph.updates, sources) where try !isUpdatedByItself(update) {
      try appendReorder(source, to: try home(update.parameter), name: "update")
    }
  }

  private func isUpdatedByItself(_ update: Update) throws -> Bool {
    try home(update.value).buffer == home(update.parameter).buffer
  }

  /// A value's place, or that of a copy where an update will overwrite it.
  private func unaffectedByUpdates(_ place: Located) throws -> Located {
    let isOverwritten = try graph.updates.contains {
      try home($0.parameter).buffer == place.buffer && !isUpdatedByItself($0)
    }
    guard isOverwritten else { return place }
    let copy = Located(buffer: makeBuffer(place.layout.byteCount), layout: place.layout)
    try appendReorder(place, to: copy, name: "copy")
    return copy
  }

  // MARK: Buffers

  func type(of value: Value) -> TensorType { fused.type(of: value) }

  func makeBuffer(_ byteCount: Int) -> BufferID {
    plan.buffers.append(BufferInfo(byteCount: byteCount, parameter: nil))
    return BufferID(index: plan.buffers.count - 1)
  }

  /// Makes a buffer that is a part of another.
  func makeBuffer(_ byteCount: Int, in whole: BufferID, at offset: Int) -> BufferID {
    plan.buffers.append(BufferInfo(byteCount: byteCount, parameter: nil, part: (whole, offset)))
    return BufferID(index: plan.buffers.count - 1)
  }

  // MARK: Places

  /// Lets a value lie where something has been put already.
  func place(_ value: Value, at place: Located) { places[value] = [place] }

  /// Makes a buffer for a value in a layout, its home from now on.
  func define(_ value: Value, as layout: MemoryDescriptor) -> BufferID {
    let buffer = makeBuffer(layout.byteCount)
    place(value, at: Located(buffer: buffer, layout: layout))
    return buffer
  }

  /// Makes a row-major buffer for a value.
  func define(_ value: Value) -> BufferID { define(value, as: rowMajorLayout(of: value)) }

  func rowMajorLayout(of value: Value) -> MemoryDescriptor { MemoryDescriptor(rowMajor: type(of: value)) }

  /// Where a value lies, if it lies anywhere yet.
  func knownHome(_ value: Value) -> Located? { places[value]?.first }

  /// What a cast to half precision that has been put off was made of; any other value itself.
  func uncast(_ value: Value) -> Value {
    if case .cast(let operand) = pending[value], type(of: operand).dtype == .f32 { return operand }
    return value
  }

  /// What a value that has been put off is to be cast from; nil for other values.
  func pendingCast(_ value: Value) -> Value? {
    if case .cast(let operand) = pending[value] { return operand }
    return nil
  }

  /// Where a value lies in the layout that its producer chose; row-major for a parameter that nobody has used.
  func home(_ value: Value) throws -> Located {
    awaitAllReduce(of: value)
    if let place = knownHome(value) { return place }
    switch pending[value] {
    case .parameter: return decide(value, rowMajorLayout(of: value))
    case .cast(let operand): return try materializeCast(operand, value)
    case .constant(let number): return try materializeConstant(number, value)
    case .allReduce, nil: preconditionFailure("value \(value.id) is used before it is computed")
    }
  }

  /// Whether a value is a persistent parameter whose layout no operation has chosen yet.
  func isOpen(_ value: Value) -> Bool {
    if case .parameter = pending[value] { true } else { false }
  }

  /// Gives a persistent parameter the layout in which it is kept, unless it has one.
  func decideIfOpen(_ value: Value, _ layout: MemoryDescriptor) {
    if isOpen(value) { _ = decide(value, layout) }
  }

  /// Gives a persistent parameter the layout in which it is kept.
  private func decide(_ value: Value, _ layout: MemoryDescriptor) -> Located {
    guard case .parameter(let name) = pending.removeValue(forKey: value) else {
      preconditionFailure("value \(value.id) is no parameter whose layout is open")
    }
    plan.buffers.append(BufferInfo(byteCount: layout.byteCount, parameter: name))
    plan.persistentLayouts[name] = layout
    let home = Located(buffer: BufferID(index: plan.buffers.count - 1), layout: layout)
    place(value, at: home)
    return home
  }

  /// The buffer that holds a value in the given layout, reordered if need be.
  func located(_ value: Value, as layout: MemoryDescriptor) throws -> BufferID {
    awaitAllReduce(of: value)
    if isOpen(value) { return decide(value, layout).buffer }
    if let place = places[value]?.first(where: { $0.layout == layout }) { return place.buffer }
    if places[value] == nil, !layout.isBlocked, try home(value).layout == layout {
      return try home(value).buffer  // It had been put off.
    }
    let copy = Located(buffer: makeBuffer(layout.byteCount), layout: layout)
    if let operand = pendingCast(value), layout.isBlocked {
      try appendReorder(try home(operand), to: copy, name: "cast")
    } else {
      try appendReorder(try home(value), to: copy, name: "reorder")
    }
    places[value, default: []].append(copy)
    return copy.buffer
  }

  func rowMajor(_ value: Value) throws -> BufferID {
    try located(value, as: rowMajorLayout(of: value))
  }

  /// A value row-major in its kernel type.
  func kernelOperand(_ value: Value) throws -> BufferID {
    let narrow = try rowMajor(value)
    guard kernelType(of: value) != type(of: value) else { return narrow }
    let layout = MemoryDescriptor(rowMajor: kernelType(of: value))
    if let place = places[value]?.first(where: { $0.layout == layout }) { return place.buffer }
    let wide = makeBuffer(layout.byteCount)
    appendCast("widen", type(of: value).dtype, kernelType(of: value).dtype, elementCount(value), narrow, wide)
    places[value]?.append(Located(buffer: wide, layout: layout))
    return wide
  }

  // MARK: All-reduces

  /// Notes that values come of an all-reduce that no step waits for yet.
  func postpone(_ allReduce: OpenAllReduce) {
    for result in allReduce.results { pending[result] = .allReduce(allReduce) }
  }

  /// Before a value is read: waits for the all-reduce that it comes from, unless that was done.
  private func awaitAllReduce(of value: Value) {
    guard case .allReduce(let open) = pending[value] else { return }
    for result in open.results { pending[result] = nil }
    appendWait(for: open)
  }

  /// Waits for what nothing reads.
  private func awaitAllReduces() {
    let open = pending.values.compactMap { if case .allReduce(let open) = $0 { open } else { nil } }
    for allReduce in open.sorted(by: { $0.index < $1.index }) { awaitAllReduce(of: allReduce.results[0]) }
  }
}

/// A tensor in memory.
struct Located {
  var buffer: BufferID
  var layout: MemoryDescriptor
}

/// What brings a value into memory once somebody asks for it.
private enum Pending {
  /// A persistent parameter whose layout no operation has chosen yet.
  case parameter(name: String)
  case cast(of: Value)
  case constant(Double)
  case allReduce(OpenAllReduce)
}

extension Graph {
  /// Whether a run leaves other weights to the next, as a training step does.
  var changesWeights: Bool { !updates.isEmpty }
}
