import TensorGraph

/// Operations on `[N, D, H, W, C]` that are computed together, some voxels at a time.
struct RowProgram {
  /// Voxels that go through all operations at once.
  private static let voxelsPerPart = 512

  /// Where a value is found while a part is computed.
  enum Slot {
    /// An input: whole tensor, or labels `[N, D, H, W]`.
    case voxels(input: Int, channels: Int)
    /// An input `[N, C]`, one row an image.
    case image(input: Int)
    /// An input of one element.
    case scalar(input: Int)
    /// The n-th result: in scratch, or in an output.
    case part(Int)
  }

  private enum Work {
    case softmax(Slot)
    case softmaxGradient(Slot, Slot)
    case binary(BinaryFunction, Slot, Slot)
    case oneHot(Slot)
    case broadcast(Slot)
    case sum(Slot)
  }

  private struct Instruction {
    var work: Work
    /// The output that takes the result; nil keeps it in scratch.
    var output: Int?
  }

  private(set) var slots: [Value: Slot] = [:]
  private var inputCount = 0
  private var outputCount = 0
  private var instructions: [Instruction] = []
  private let images: Int
  private let voxels: Int
  private let channels: Int

  init(shape: Shape) {
    images = shape[0]
    voxels = shape[1] * shape[2] * shape[3]
    channels = shape.channels
  }

  mutating func addInput(_ value: Value, _ shape: Shape) {
    slots[value] =
      switch shape.rank {
      case 0: .scalar(input: inputCount)
      case 2: .image(input: inputCount)
      case 4: .voxels(input: inputCount, channels: 1)
      default: .voxels(input: inputCount, channels: channels)
      }
    inputCount += 1
  }

  /// - Parameter isKept: whether others read the result, which then is the next output.
  mutating func add(_ node: Node, isKept: Bool) {
    let operands = node.operands.map { slots[$0]! }
    let work: Work
    switch node.operation {
    case .softmax: work = .softmax(operands[0])
    case .softmaxGradient: work = .softmaxGradient(operands[0], operands[1])
    case .binary(let function): work = .binary(function, operands[0], operands[1])
    case .oneHot: work = .oneHot(operands[0])
    case .broadcast: work = .broadcast(operands[0])
    case .reduceSum: work = .sum(operands[0])
    default: preconditionFailure("\(node.operation.name) is not computed voxel by voxel")
    }
    slots[node.result] = .part(instructions.count)
    instructions.append(Instruction(work: work, output: isKept ? outputCount : nil))
    if isKept { outputCount += 1 }
  }

  // MARK: Memory

  private var partElementCount: Int { Self.voxelsPerPart * channels }
  private var partsPerImage: Int { (voxels + Self.voxelsPerPart - 1) / Self.voxelsPerPart }
  private var partCount: Int { images * partsPerImage }

  /// Each thread's results of a part, then the sums of all parts: one row an instruction.
  func scratchByteCount(threadCount: Int) -> Int {
    4 * instructions.count * (threadCount * partElementCount + partCount * channels)
  }

  // MARK: Running

  func run(
    _ inputs: [UnsafeMutableRawPointer], _ outputs: [UnsafeMutablePointer<Float>],
    _ scratch: UnsafeMutableRawPointer, threadCount: Int
  ) {
    let results = scratch.assumingMemoryBound(to: Float.self)
    let sums = results + threadCount * instructions.count * partElementCount
    OpenMP.forItems(partCount, threadCount: threadCount) { part, thread in
      let first = part % partsPerImage * Self.voxelsPerPart
      Part(
        program: self, image: part / partsPerImage, first: first,
        count: min(Self.voxelsPerPart, voxels - first),
        inputs: inputs, outputs: outputs, results: results + thread * instructions.count * partElementCount,
        sums: sums + part * instructions.count * channels
      ).run()
    }
    addSums(sums, outputs)
  }

  /// The sum of each image over its parts, in their order.
  private func addSums(_ sums: UnsafePointer<Float>, _ outputs: [UnsafeMutablePointer<Float>]) {
    for (index, instruction) in instructions.enumerated() {
      guard case .sum = instruction.work, let output = instruction.output else { continue }
      for image in 0..<images {
        for c in 0..<channels {
          var total = 0.0
          for part in image * partsPerImage..<(image + 1) * partsPerImage {
            total += Double(sums[(part * instructions.count + index) * channels + c])
          }
          outputs[output][image * channels + c] = Float(total)
        }
      }
    }
  }

  /// Some neighbouring voxels of one image.
  private struct Part {
    let program: RowProgram
    let image: Int
    let first: Int
    let count: Int
    let inputs: [UnsafeMutableRawPointer]
    let outputs: [UnsafeMutablePointer<Float>]
    let results: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Float>

    private var channels: Int { program.channels }
    /// The part's first voxel among those of all images.
    private var voxel: Int { image * program.voxels + first }

    private func target(_ index: Int) -> UnsafeMutablePointer<Float> {
      program.instructions[index].output.map { outputs[$0] + voxel * channels }
        ?? results + index * program.partElementCount
    }

    private func source(_ slot: Slot) -> UnsafeMutableRawPointer {
      switch slot {
      case .voxels(let input, let channels): inputs[input] + 4 * voxel * channels
      case .image(let input): inputs[input] + 4 * image * channels
      case .scalar(let input): inputs[input]
      case .part(let index): UnsafeMutableRawPointer(target(index))
      }
    }

    private func floats(_ slot: Slot) -> UnsafePointer<Float> {
      UnsafePointer(source(slot).assumingMemoryBound(to: Float.self))
    }

    private func operand(_ slot: Slot) -> ElementwiseOperand<Float> {
      let isScalar = if case .scalar = slot { true } else { false }
      return ElementwiseOperand(source(slot), isScalar: isScalar)
    }

    func run() {
      for (index, instruction) in program.instructions.enumerated() { run(index, instruction.work) }
    }

    private func run(_ index: Int, _ work: Work) {
      switch work {
      case .softmax(let x):
        SoftmaxKernel.forward(rows: count, channels: channels, floats(x), into: target(index))
      case .softmaxGradient(let y, let dy):
        SoftmaxKernel.gradient(rows: count, channels: channels, floats(y), floats(dy), into: target(index))
      case .binary(let function, let x, let y):
        function.apply(count * channels, operand(x), operand(y), into: target(index))
      case .oneHot(let labels):
        let integers = UnsafePointer(source(labels).assumingMemoryBound(to: Int32.self))
        IndexingKernel.oneHot(count: count, depth: channels, integers, into: target(index))
      case .broadcast(let row):
        repeatRow(floats(row), target(index))
      case .sum(let x):
        ReductionKernel.sum(
          outer: 1, reduced: count, inner: channels, floats(x), into: sums + index * channels)
      }
    }

    private func repeatRow(_ row: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
      for voxel in 0..<count { (target + voxel * channels).update(from: row, count: channels) }
    }
  }
}
