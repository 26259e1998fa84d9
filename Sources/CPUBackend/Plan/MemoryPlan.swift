/// Gives each buffer of a plan a place that no other buffer uses while it is alive: in the arena, which holds
/// something during a run only and which other plans use, too, or among the constants, which stay.
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
  /// The buffers that the plan's first steps computed for all runs.
  private var constants: Set<Int> = []
  private(set) var places: [BufferPlace?]
  private(set) var arenaByteCount = 0
  private(set) var constantByteCount = 0

  init(_ plan: Plan) {
    lives = Array(repeating: nil, count: plan.buffers.count)
    places = Array(repeating: nil, count: plan.buffers.count)
    measureLives(plan)
    let placed = plan.buffers.indices.filter { plan.buffers[$0].parameter == nil && lives[$0] != nil }
    arenaByteCount = place(placed.filter { !constants.contains($0) }, plan.buffers) { .arena(offset: $0) }
    constantByteCount = place(placed.filter(constants.contains), plan.buffers) { .constants(offset: $0) }
    for (index, buffer) in plan.buffers.enumerated() {
      if let part = buffer.part { places[index] = places[part.whole.index]?.advanced(by: part.offset) }
    }
  }

  private mutating func measureLives(_ plan: Plan) {
    let whole = plan.whole
    let (once, always) = (plan.steps.prefix(plan.onceCount), plan.steps.dropFirst(plan.onceCount))
    for (index, step) in once.enumerated() {
      for buffer in step.buffers { extend(whole(buffer), to: index) }
    }
    // What the first steps computed stays for all runs where a run asks for it.
    let computed = Set(once.flatMap(\.writes).map(whole))
    for buffer in (always.flatMap(\.reads) + plan.outputs.map(\.buffer)).map(whole)
    where computed.contains(buffer) {
      constants.insert(buffer.index)
      extend(buffer, to: plan.steps.count)
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

  /// Places buffers in one piece of memory. Returns its size, in bytes.
  private mutating func place(
    _ candidates: [Int], _ buffers: [BufferInfo], _ makePlace: (Int) -> BufferPlace
  ) -> Int {
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
      places[index] = makePlace(start)
      placed.append((life, start, start + size))
    }
    return placed.map(\.end).max() ?? 0
  }
}
