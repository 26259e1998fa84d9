/// A place for bytes in a plan: part of the arena, or a persistent parameter's own memory.
package struct BufferID: Hashable {
  package let index: Int

  package init(index: Int) { self.index = index }
}

/// Where the bytes of a plan's buffers lie once an executable has memory.
struct Addresses {
  let pointers: [UnsafeMutableRawPointer?]

  func callAsFunction(_ buffer: BufferID) -> UnsafeMutableRawPointer { pointers[buffer.index]! }

  /// A buffer of float32.
  func floats(_ buffer: BufferID) -> UnsafeMutablePointer<Float> {
    self(buffer).assumingMemoryBound(to: Float.self)
  }
}

/// One unit of work of a plan: a oneDNN primitive or a kernel of ours.
package struct Step {
  /// The operation: "convolution".
  package var name: String
  /// The implementation and its layouts: "jit:avx512_core, blocked 16c".
  package var detail: String
  package var reads: [BufferID]
  package var writes: [BufferID]
  /// Bytes that the step needs only while it runs.
  var scratch: BufferID?
  /// Whether the step copies its operand, byte for byte.
  package var isCopy = false
  /// Given the addresses, returns the work itself.
  var bind: (Addresses) throws -> () throws -> Void

  init(
    name: String, detail: String, reads: [BufferID], writes: [BufferID], scratch: BufferID? = nil,
    bind: @escaping (Addresses) throws -> () throws -> Void
  ) {
    self.name = name
    self.detail = detail
    self.reads = reads
    self.writes = writes
    self.scratch = scratch
    self.bind = bind
  }

  /// A step that does nothing, for the sketch of a plan.
  package init(name: String, reads: [BufferID], writes: [BufferID], isCopy: Bool) {
    self.init(name: name, detail: "", reads: reads, writes: writes) { _ in {} }
    self.isCopy = isCopy
  }

  package var buffers: [BufferID] { reads + writes + (scratch.map { [$0] } ?? []) }
}

/// A buffer's size, and whether it lies in the arena.
package struct BufferInfo {
  package var byteCount: Int
  /// The persistent parameter whose memory this is; nil for a part of the arena.
  package var parameter: String?
  /// The buffer of which this is a part, and where it starts there, in bytes; nil for a buffer of its own.
  package var part: (whole: BufferID, offset: Int)?

  package init(byteCount: Int, parameter: String? = nil, part: (whole: BufferID, offset: Int)? = nil) {
    self.byteCount = byteCount
    self.parameter = parameter
    self.part = part
  }
}

/// A graph turned into steps over buffers. Made once; holds no addresses.
package struct Plan {
  package var buffers: [BufferInfo] = []
  package var steps: [Step] = []
  /// The first steps that depend on persistent parameters only, which no run changes: run once until the parameters
  /// get other content.
  package var onceCount = 0
  /// Inputs and labels: name, row-major buffer.
  package var inputs: [(parameter: String, buffer: BufferID)] = []
  /// Outputs: name, row-major buffer.
  package var outputs: [(name: String, buffer: BufferID)] = []
  /// The layout that each persistent parameter must be in when the steps run.
  var persistentLayouts: [String: MemoryDescriptor] = [:]
  /// Where each arena buffer starts, and the arena's size, in bytes.
  package var offsets: [Int?] = []
  package var arenaByteCount = 0
  /// The sums over replicas; nil where there is one replica.
  var allReduces: AllReduces?

  package init() {}
}

extension Plan {
  /// Moves the steps that depend on persistent parameters only to the front, for a graph that updates none. What
  /// another step works on in place is not constant.
  mutating func moveConstantStepsFirst() {
    let writerCounts = Dictionary(steps.flatMap(\.writes).map { ($0, 1) }, uniquingKeysWith: +)
    var constants = Set(buffers.indices.filter { buffers[$0].parameter != nil })
    var (once, always): ([Step], [Step]) = ([], [])
    for step in steps {
      let isConstant =
        step.reads.allSatisfy { constants.contains($0.index) }
        && step.writes.allSatisfy { writerCounts[$0] == 1 }
      if isConstant {
        constants.formUnion(step.writes.map(\.index))
        once.append(step)
      } else {
        always.append(step)
      }
    }
    steps = once + always
    onceCount = once.count
  }
}
