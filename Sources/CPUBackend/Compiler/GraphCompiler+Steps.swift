import TensorGraph

extension GraphCompiler {
  /// Appends a kernel of ours.
  func append(
    _ name: String, _ detail: String, reads: [BufferID], writes: [BufferID], scratch: BufferID? = nil,
    _ run: @escaping (Addresses) -> () -> Void
  ) {
    plan.steps.append(
      Step(name: name, detail: detail, reads: reads, writes: writes, scratch: scratch, bind: run))
  }

  /// Appends a row program.
  func append(
    _ program: RowProgram, _ name: String, _ detail: String, reads: [BufferID], writes: [BufferID]
  ) {
    var program = program
    program.allocateRegisters()
    let threads = threadCount
    let scratch = makeBuffer(program.scratchByteCount(threadCount: threads))
    append(name, detail, reads: reads, writes: writes, scratch: scratch) { [program] addresses in
      let (inputs, outputs) = (reads.map { addresses($0) }, writes.map { addresses($0) })
      let memory = addresses(scratch)
      return { program.run(inputs, outputs, memory, threadCount: threads) }
    }
  }

  /// Appends a step that brings a tensor into another layout, dtype or buffer.
  func appendReorder(_ source: Located, to target: Located, name: String) throws {
    if source.layout == target.layout { return appendCopy(source, to: target.buffer, name: name) }
    let reordering = Reordering(from: source.layout, to: target.layout)
    append(
      name, "\(source.layout.layoutSummary) to \(target.layout.layoutSummary)", reads: [source.buffer],
      writes: [target.buffer]
    ) { addresses in
      let (from, to) = (addresses(source.buffer), addresses(target.buffer))
      return { reordering.run(from, to) }
    }
  }

  private func appendCopy(_ source: Located, to target: BufferID, name: String) {
    let count = source.layout.byteCount
    var step = Step(name: name, detail: "copy", reads: [source.buffer], writes: [target]) { addresses in
      let (from, to) = (addresses(source.buffer), addresses(target))
      return {
        Parallel.forRanges(count, grain: 1 << 18) { bytes in
          (to + bytes.lowerBound).copyMemory(from: from + bytes.lowerBound, byteCount: bytes.count)
        }
      }
    }
    step.isCopy = true
    plan.steps.append(step)
  }
}
