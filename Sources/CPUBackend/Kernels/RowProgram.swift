import TensorGraph

/// Operations on `[N, D, H, W, C]` that are computed together, some voxels at a time. They compute in float32 and
/// round where a result is bfloat16.
struct RowProgram {
  /// Where a value is found while a part is computed.
  enum Slot {
    /// A float32 input: a whole tensor, or labels `[N, D, H, W]`.
    case voxels(input: Int, channels: Int)
    /// A float32 input of one number a channel, `[C]` or for each image `[N, C]`.
    case row(input: Int, isPerImage: Bool)
    /// A float32 input of one element.
    case scalar(input: Int)
    /// The n-th number of the program.
    case number(Int)
    /// The n-th result: in scratch, or in an output.
    case part(Int)
  }

  enum Work {
    /// Brings an input of another dtype into float32.
    case load(input: Int, DType)
    case copy
    case softmax
    case softmaxGradient
    case unary(UnaryFunction)
    case binary(BinaryFunction)
    case compare(Comparison)
    case select
    case oneHot
    /// Repeats a row, or a number.
    case broadcast
    /// The n-th sum over the voxels of an image, or of all images.
    case sum(Int, isPerImage: Bool)
  }

  struct Instruction {
    let work: Work
    let operands: [Slot]
    /// What the result is, though computed in float32.
    let dtype: DType
    /// The output that takes the result; nil keeps it in scratch.
    let output: Int?
    /// Its place among a part's results in scratch.
    fileprivate(set) var register: Int?

    /// Whether the result is computed where the output lies.
    var isInOutput: Bool { output != nil && dtype == .f32 }
  }

  let geometry: RowGeometry
  private(set) var instructions: [Instruction] = []
  private(set) var numbers: [Float] = []
  private(set) var registerCount = 0
  private(set) var sumCount = 0
  private var slots: [Value: Slot] = [:]
  private var inputCount = 0
  private var outputCount = 0

  init(_ geometry: RowGeometry) { self.geometry = geometry }

  // MARK: Inputs, in the order of their addresses

  /// A float32 tensor, or labels where `channels` is 1.
  mutating func addVoxels(_ value: Value, channels: Int) {
    slots[value] = .voxels(input: inputCount, channels: channels)
    inputCount += 1
  }

  /// A tensor like the results, of a dtype.
  ///
  /// - Parameter isRounded: whether the value is what is read, rounded to bfloat16.
  mutating func addVoxels(_ value: Value, dtype: DType, isRounded: Bool) {
    if dtype == .f32 && !isRounded { return addVoxels(value, channels: geometry.lanes) }
    append(.load(input: inputCount, dtype), [], isRounded ? .bf16 : .f32, for: value)
    inputCount += 1
  }

  mutating func addRow(_ value: Value, isPerImage: Bool) {
    slots[value] = .row(input: inputCount, isPerImage: isPerImage)
    inputCount += 1
  }

  mutating func addScalar(_ value: Value) {
    slots[value] = .scalar(input: inputCount)
    inputCount += 1
  }

  /// A constant of a floating-point dtype.
  mutating func addNumber(_ value: Value, _ number: Double, _ dtype: DType) {
    slots[value] = .number(numbers.count)
    numbers.append(dtype == .bf16 ? BrainFloat(rounding: Float(number)).number : Float(number))
  }

  // MARK: Operations

  /// - Parameter isKept: whether others read the result, which then is the next output.
  mutating func add(_ node: Node, dtype: DType, isKept: Bool) {
    let operands = node.operands.map { slots[$0]! }
    let output = isKept ? outputCount : nil
    if isKept { outputCount += 1 }
    switch node.operation {
    case .softmax: append(.softmax, operands, dtype, output, for: node.result)
    case .softmaxGradient: append(.softmaxGradient, operands, dtype, output, for: node.result)
    case .unary(let function): append(.unary(function), operands, dtype, output, for: node.result)
    case .binary(let function): append(.binary(function), operands, dtype, output, for: node.result)
    case .compare(let comparison): append(.compare(comparison), operands, dtype, output, for: node.result)
    case .select: append(.select, operands, dtype, output, for: node.result)
    case .oneHot: append(.oneHot, operands, dtype, output, for: node.result)
    case .broadcast: append(.broadcast, operands, dtype, output, for: node.result)
    case .biasAdd:
      append(.broadcast, [operands[1]], .f32, for: node.result)
      append(.binary(.add), [operands[0], slots[node.result]!], dtype, output, for: node.result)
    case .cast: append(.copy, operands, dtype, output, for: node.result)
    case .reduceSum(let axes):
      append(.sum(sumCount, isPerImage: axes.count == 3), operands, dtype, output, for: node.result)
      sumCount += 1
    default: preconditionFailure("\(node.operation.name) is not computed voxel by voxel")
    }
  }

  private mutating func append(
    _ work: Work, _ operands: [Slot], _ dtype: DType, _ output: Int? = nil, for value: Value
  ) {
    slots[value] = .part(instructions.count)
    instructions.append(Instruction(work: work, operands: operands, dtype: dtype, output: output))
  }

  /// Gives each result that stays in scratch a place there which nobody needs while it is read.
  mutating func allocateRegisters() {
    var lastReads = instructions.indices.map { $0 }
    for (index, instruction) in instructions.enumerated() {
      for case .part(let source) in instruction.operands { lastReads[source] = index }
    }
    var free: [Int] = []
    registerCount = 0
    for index in instructions.indices {
      if !instructions[index].isInOutput {
        if free.isEmpty {
          free.append(registerCount)
          registerCount += 1
        }
        instructions[index].register = free.removeLast()
      }
      for source in 0...index where lastReads[source] == index {
        if let register = instructions[source].register { free.append(register) }
      }
    }
  }
}
