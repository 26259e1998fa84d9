/// A place for bytes in a plan: part of the arena or of the constants, or a persistent parameter's own memory.
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

/// One unit of work of a plan: a kernel, or a few of them.
package struct Step {
  /// The operation: "convolution".
  package var name: String
  /// The implementation and its layouts: "winograd 4x4x4, blocked 16c".
  package var detail: String
  package var reads: [BufferID]
  package var writes: [BufferID]
  /// Bytes that the step needs only while it runs.
  var scratch: BufferID?
  /// What a convolution computes; nil for other steps.
  var arithmetic: ConvolutionArithmetic?
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

/// Where a buffer starts, in bytes.
package enum BufferPlace: Equatable {
  /// In the memory of a run.
  case arena(offset: Int)
  /// In the memory that one executable keeps from run to run.
  case constants(offset: Int)

  func advanced(by distance: Int) -> BufferPlace {
    switch self {
    case .arena(let offset): .arena(offset: offset + distance)
    case .constants(let offset): .constants(offset: offset + distance)
    }
  }
}

/// A buffer's size, and whether it is a parameter's.
package struct BufferInfo {
  package var byteCount: Int
  /// The persistent parameter whose memory this is; nil for a part of the arena or of the constants.
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
  /// Where each buffer lies; nil for a parameter, and for what no step touches.
  package var places: [BufferPlace?] = []
  /// The bytes that a run needs for itself.
  package var arenaByteCount = 0
  /// The bytes that the first steps computed for all runs.
  package var constantByteCount = 0
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

  /// Gives every buffer its place.
  mutating func placeBuffers() {
    let memory = MemoryPlan(self)
    places = memory.places
    arenaByteCount = memory.arenaByteCount
    constantByteCount = memory.constantByteCount
  }
}
