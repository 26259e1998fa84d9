/// Copies a box of elements between two strided tensors: broadcast, transpose, slice, pad and concatenate are
/// all this. A stride of 0 repeats an element.
struct StridedCopy {
  private var extents: [Int]
  private var sourceStrides: [Int]
  private var targetStrides: [Int]
  private let sourceOffset: Int
  private let targetOffset: Int

  /// - Parameters: extents of the box, strides and offsets in elements.
  init(
    extents: [Int], sourceStrides: [Int], sourceOffset: Int = 0, targetStrides: [Int], targetOffset: Int = 0
  ) {
    self.extents = [1]
    self.sourceStrides = [0]
    self.targetStrides = [0]
    self.sourceOffset = sourceOffset
    self.targetOffset = targetOffset
    for axis in extents.indices where extents[axis] != 1 {
      append(extents[axis], sourceStrides[axis], targetStrides[axis])
    }
  }

  /// Adds an inner axis, merged into the last one where both tensors run on without a gap.
  private mutating func append(_ extent: Int, _ source: Int, _ target: Int) {
    let last = extents.count - 1
    let isContinuous =
      sourceStrides[last] == source * extent && targetStrides[last] == target * extent
    if isContinuous || extents[last] == 1 {
      extents[last] *= extent
      sourceStrides[last] = source
      targetStrides[last] = target
    } else {
      extents.append(extent)
      sourceStrides.append(source)
      targetStrides.append(target)
    }
  }

  /// Copies elements of one size.
  func run<Element>(_ source: UnsafePointer<Element>, _ target: UnsafeMutablePointer<Element>) {
    let inner = extents.count - 1
    let rows = extents[..<inner].reduce(1, *)
    let (count, sourceStep, targetStep) = (extents[inner], sourceStrides[inner], targetStrides[inner])
    let (from, to) = (source + sourceOffset, target + targetOffset)
    if repeatsRows { return repeatRows(rows, from, to) }
    // Few long rows are shared out in pieces.
    let pieces = max(1, shares(of: count, elementwiseGrain))
    let length = shares(of: count, pieces)
    Parallel.forRanges(rows * pieces, grain: max(1, elementwiseGrain / max(1, length))) { range in
      for piece in range {
        let (row, first) = (piece / pieces, min(count, piece % pieces * length))
        let (s, t) = offsets(row)
        let elements = first..<min(count, first + length)
        if sourceStep == 1 && targetStep == 1 {
          (to + t + first).update(from: from + s + first, count: elements.count)
        } else {
          for i in elements { to[t + i * targetStep] = from[s + i * sourceStep] }
        }
      }
    }
  }

  /// Whether the same row goes to neighbouring places many times: a broadcast along the axis before the innermost.
  private var repeatsRows: Bool {
    let inner = extents.count - 1
    return inner > 0 && sourceStrides[inner] == 1 && targetStrides[inner] == 1
      && sourceStrides[inner - 1] == 0
      && targetStrides[inner - 1] == extents[inner]
  }

  /// Copies rows, each run of equal ones by doubling what is there already.
  private func repeatRows<Element>(
    _ rows: Int, _ from: UnsafePointer<Element>, _ to: UnsafeMutablePointer<Element>
  ) {
    let (count, repeats) = (extents[extents.count - 1], extents[extents.count - 2])
    Parallel.forRanges(rows, grain: max(1, elementwiseGrain / max(1, count))) { range in
      var row = range.lowerBound
      while row < range.upperBound {
        let (s, t) = offsets(row)
        let total = (min(range.upperBound, (row / repeats + 1) * repeats) - row) * count
        let start = to + t
        start.update(from: from + s, count: count)
        var filled = count
        while filled < total {
          let next = min(filled, total - filled)
          (start + filled).update(from: start, count: next)
          filled += next
        }
        row += total / count
      }
    }
  }

  /// The offsets of the innermost row with the given row-major number.
  private func offsets(_ row: Int) -> (source: Int, target: Int) {
    var (rest, source, target) = (row, 0, 0)
    for axis in stride(from: extents.count - 2, through: 0, by: -1) {
      let index = rest % extents[axis]
      rest /= extents[axis]
      source += index * sourceStrides[axis]
      target += index * targetStrides[axis]
    }
    return (source, target)
  }
}
