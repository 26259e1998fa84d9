import TensorGraph

extension RowProgram {
  // MARK: Memory

  /// The numbers, each thread's results of a part, then the sums of all parts.
  func scratchByteCount(threadCount: Int) -> Int {
    4
      * (paddedNumberCount + threadCount * registerCount * geometry.elementsPerPart
        + geometry.partCount * sumCount * geometry.lanes)
  }

  /// Whole cache lines.
  private var paddedNumberCount: Int { (numbers.count + 15) / 16 * 16 }

  // MARK: Running

  func run(
    _ inputs: [UnsafeMutableRawPointer], _ outputs: [UnsafeMutableRawPointer],
    _ scratch: UnsafeMutableRawPointer, threadCount: Int
  ) {
    let constants = scratch.assumingMemoryBound(to: Float.self)
    for (index, number) in numbers.enumerated() { constants[index] = number }
    let results = constants + paddedNumberCount
    let resultCount = registerCount * geometry.elementsPerPart
    let sums = results + threadCount * resultCount
    Parallel.forItems(geometry.partCount, threadCount: threadCount) { index, thread in
      RowPart(
        program: self, part: geometry.part(index), inputs: inputs, outputs: outputs, numbers: constants,
        results: results + thread * resultCount, sums: sums + index * sumCount * geometry.lanes
      ).run()
    }
    addSums(sums, outputs)
  }

  /// The sum of each image over its parts, in their order.
  private func addSums(_ sums: UnsafePointer<Float>, _ outputs: [UnsafeMutableRawPointer]) {
    for instruction in instructions {
      guard case .sum(let index, let isPerImage) = instruction.work, let output = instruction.output else {
        continue
      }
      let target = outputs[output].assumingMemoryBound(to: Float.self)
      for c in 0..<geometry.channels {
        var total = 0.0
        for image in 0..<geometry.images {
          if isPerImage { total = 0 }
          for part in geometry.parts(image: image, block: c / geometry.lanes) {
            total += Double(sums[(part * sumCount + index) * geometry.lanes + c % geometry.lanes])
          }
          target[isPerImage ? image * geometry.channels + c : c] = Float(total)
        }
      }
    }
  }
}

/// The work of a program on one part.
private struct RowPart {
  let program: RowProgram
  let part: RowGeometry.Part
  let inputs: [UnsafeMutableRawPointer]
  let outputs: [UnsafeMutableRawPointer]
  let numbers: UnsafeMutablePointer<Float>
  let results: UnsafeMutablePointer<Float>
  let sums: UnsafeMutablePointer<Float>

  private var lanes: Int { program.geometry.lanes }
  private var elementCount: Int { part.count * lanes }

  func run() {
    for (index, instruction) in program.instructions.enumerated() {
      let target = target(index)
      run(instruction, target)
      finish(instruction, target)
    }
  }

  private func target(_ index: Int) -> UnsafeMutablePointer<Float> {
    let instruction = program.instructions[index]
    if let register = instruction.register { return results + register * program.geometry.elementsPerPart }
    return outputs[instruction.output!].assumingMemoryBound(to: Float.self) + part.element
  }

  private func source(_ slot: RowProgram.Slot) -> UnsafeMutableRawPointer {
    switch slot {
    case .voxels(let input, let channels):
      inputs[input] + 4 * (channels == lanes ? part.element : part.voxel * channels)
    case .row(let input, let isPerImage):
      inputs[input] + 4 * ((isPerImage ? part.image * program.geometry.channels : 0) + part.channel)
    case .scalar(let input): inputs[input]
    case .number(let index): UnsafeMutableRawPointer(numbers + index)
    case .part(let index): UnsafeMutableRawPointer(target(index))
    }
  }

  private func floats(_ slot: RowProgram.Slot) -> UnsafePointer<Float> {
    UnsafePointer(source(slot).assumingMemoryBound(to: Float.self))
  }

  private func operand(_ slot: RowProgram.Slot) -> ElementwiseOperand<Float> {
    let isScalar =
      switch slot {
      case .scalar, .number: true
      case .voxels, .row, .part: false
      }
    return ElementwiseOperand(source(slot), isScalar: isScalar)
  }

  private func run(_ instruction: RowProgram.Instruction, _ target: UnsafeMutablePointer<Float>) {
    let operands = instruction.operands
    switch instruction.work {
    case .load(let input, let dtype):
      let address = inputs[input] + part.element * dtype.byteCount
      castElements(dtype, .f32, elementCount, address, target)
    case .copy: target.update(from: floats(operands[0]), count: elementCount)
    case .softmax:
      SoftmaxKernel.forward(rows: part.count, channels: lanes, floats(operands[0]), into: target)
    case .softmaxGradient:
      SoftmaxKernel.gradient(
        rows: part.count, channels: lanes, floats(operands[0]), floats(operands[1]), into: target)
    case .unary(let function): function.apply(elementCount, floats(operands[0]), into: target)
    case .binary(let function):
      function.apply(elementCount, operand(operands[0]), operand(operands[1]), into: target)
    case .compare(let comparison):
      comparison.apply(elementCount, operand(operands[0]), operand(operands[1]), into: target)
    case .select:
      selectElements(
        elementCount, operand(operands[0]), operand(operands[1]), operand(operands[2]), into: target)
    case .oneHot:
      let integers = UnsafePointer(source(operands[0]).assumingMemoryBound(to: Int32.self))
      IndexingKernel.oneHot(count: part.count, depth: lanes, integers, into: target)
    case .broadcast: repeatRow(operands[0], target)
    case .sum(let index, _):
      ReductionKernel.sum(
        outer: 1, reduced: part.count, inner: lanes, floats(operands[0]), into: sums + index * lanes)
    }
  }

  /// Fills all voxels with a row, whose padding is zero, or with one number.
  private func repeatRow(_ row: RowProgram.Slot, _ target: UnsafeMutablePointer<Float>) {
    let source = operand(row)
    if source.isScalar { return target.update(repeating: source.pointer[0], count: elementCount) }
    target.update(repeating: 0, count: lanes)
    target.update(from: source.pointer, count: part.channelCount)
    for voxel in 1..<max(1, part.count) { (target + voxel * lanes).update(from: target, count: lanes) }
  }

  /// Rounds a result to its dtype and brings it to its output, with zeros in the padding.
  private func finish(_ instruction: RowProgram.Instruction, _ result: UnsafeMutablePointer<Float>) {
    if case .sum = instruction.work { return }
    if instruction.dtype == .bf16 {
      mapElements(elementCount, result, into: result) { BrainFloat(rounding: $0).number }
    }
    guard let output = instruction.output else { return }
    clearPadding(result)
    guard !instruction.isInOutput else { return }
    let address = outputs[output] + part.element * instruction.dtype.byteCount
    castElements(.f32, instruction.dtype, elementCount, result, address)
  }

  private func clearPadding(_ result: UnsafeMutablePointer<Float>) {
    guard part.channelCount < lanes else { return }
    for voxel in 0..<part.count {
      (result + voxel * lanes + part.channelCount).update(repeating: 0, count: lanes - part.channelCount)
    }
  }
}
