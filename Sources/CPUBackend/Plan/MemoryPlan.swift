/// Gives each arena buffer a place that no other buffer uses while it is alive.
///
/// Buffers are placed from the largest to the smallest, each at the lowest offset that is free over its whole
/// life ("greedy by size"; Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference").
struct MemoryPlan {
  private struct Life {
    var first: Int
    var last: Int
  }

  private static let alignment = 64
  private var lives: [Life?]
  private(set) var offsets: [Int?]
  private(set) var byteCount = 0

  init(_ plan: Plan) {
    lives = Array(repeating: nil, count: plan.buffers.count)
    offsets = Array(repeating: nil, count: plan.buffers.count)
    measureLives(plan)
    place(plan.buffers)
    for (index, buffer) in plan.buffers.enumerated() {
      if let part = buffer.part { offsets[index] = offsets[part.whole.index].map { $0 + part.offset } }
    }
  }

  private mutating func measureLives(_ plan: Plan) {
    func whole(_ buffer: BufferID) -> BufferID { plan.buffers[buffer.index].part?.whole ?? buffer }
    for (index, step) in plan.steps.prefix(plan.onceCount).enumerated() {
      for buffer in step.buffers { extend(whole(buffer), to: index) }
    }
    // What the first steps computed stays for all runs.
    for step in plan.steps.dropFirst(plan.onceCount) {
      for buffer in step.reads.map(whole) where lives[buffer.index] != nil {
        extend(buffer, to: plan.steps.count)
      }
    }
    for input in plan.inputs { extend(whole(input.buffer), to: plan.onceCount - 1) }
    for (index, step) in plan.steps.enumerated().dropFirst(plan.onceCount) {
      for buffer in step.buffers { extend(whole(buffer), to: index) }
    }
    for output in plan.outputs { extend(whole(output.buffer), to: plan.steps.count) }
  }

  private mutating func extend(_ buffer: BufferID, to step: Int) {
    let life = lives[buffer.index] ?? Life(first: step, last: step)
    lives[buffer.index] = Life(first: life.first, last: max(life.last, step))
  }

  private mutating func place(_ buffers: [BufferInfo]) {
    let candidates = buffers.indices.filter { buffers[$0].parameter == nil && lives[$0] != nil }
    let bySize = candidates.sorted {
      (buffers[$0].byteCount, $1) > (buffers[$1].byteCount, $0)
    }
    var placed: [(life: Life, start: Int, end: Int)] = []
    for index in bySize {
      let life = lives[index]!
      let size = (buffers[index].byteCount + Self.alignment - 1) / Self.alignment * Self.alignment
      let neighbours = placed.filter { $0.life.first <= life.last && life.first <= $0.life.last }
        .sorted { $0.start < $1.start }
      var start = 0
      for neighbour in neighbours {
        if neighbour.start >= start + size { break }
        start = max(start, neighbour.end)
      }
      offsets[index] = start
      placed.append((life, start, start + size))
      byteCount = max(byteCount, start + size)
    }
  }
}
