import COneDNN
import Glibc
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

  /// Appends a step that brings a tensor into another layout, dtype or buffer.
  func appendReorder(_ source: Located, to target: Located, name: String) throws {
    if source.layout == target.layout { return appendCopy(source, to: target.buffer, name: name) }
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

  private func appendCopy(_ source: Located, to target: BufferID, name: String) {
    let count = source.layout.byteCount
    var step = Step(name: name, detail: "copy", reads: [source.buffer], writes: [target]) { addresses in
      let (from, to) = (addresses(source.buffer), addresses(target))
      return {
        OpenMP.forRanges(count, grain: 1 << 18) { bytes in
          (to + bytes.lowerBound).copyMemory(from: from + bytes.lowerBound, byteCount: bytes.count)
        }
      }
    }
    step.isCopy = true
    plan.steps.append(step)
  }
}
