import TensorGraph

extension StableHLOWriter {
  /// The sum over some axes, which vanish, added up in float32 and rounded once.
  mutating func sum(_ x: HLOValue, axes: [Int]) -> HLOValue {
    let wide = convert(x, to: .f32)
    let total = columnSums(wide, axes: axes) ?? reduce(wide, "add", from: 0, axes: axes)
    return convert(total, to: x.dtype)
  }

  /// The sum over all axes but the innermost, in float32.
  mutating func channelSum(_ x: HLOValue) -> HLOValue {
    sum(convert(x, to: .f32), axes: Array(0..<x.shape.rank - 1))
  }

  /// Sums over many voxels, one for each of a few channels. GPUs add up wide rows at the speed of their memory, but rows
  /// of 16 numbers at a tenth of it: so rows are laid side by side, added in several parts at once, and then the parts.
  private mutating func columnSums(_ x: HLOValue, axes: [Int]) -> HLOValue? {
    guard let split = ColumnSplit(x.shape, axes: axes) else { return nil }
    let parts = reduce(reshape(x, to: split.rows), "add", from: 0, axes: [2])
    let sums = reduce(reshape(parts, to: split.parts), "add", from: 0, axes: [1])
    return reshape(sums, to: x.shape.without(axes))
  }
}

/// How sums over many voxels for each of a few channels are divided.
struct ColumnSplit {
  /// Of what is added: outer axes, parts, rows of a part, numbers of a row.
  let rows: Shape
  /// Of the parts' sums: outer axes, parts, channels.
  let parts: Shape

  /// Numbers of a row from which it is wide enough.
  private static let width = 128
  /// Parts, times the 32 numbers of a row that a block of threads adds, that keep a GPU busy.
  private static let blocks = 512
  /// Rows of a part below which dividing does not pay.
  private static let leastRows = 32

  /// nil where the sum is not of that kind, or too small to divide.
  init?(_ shape: Shape, axes: [Int]) {
    guard let first = axes.first, axes == Array(first..<shape.rank - 1) else { return nil }
    let channels = shape.channels
    let outer = shape.extents[..<first].reduce(1, *)
    let voxels = axes.reduce(1) { $0 * shape[$1] }
    let fold = Self.power(dividing: voxels, atMost: (Self.width + channels - 1) / channels)
    let blocks = outer * max(1, fold * channels / 32)
    let limit = min(Self.blocks / blocks, voxels / fold / Self.leastRows)
    let parts = Self.power(dividing: voxels / fold, atMost: limit)
    guard parts > 1 else { return nil }
    rows = Shape([outer, parts, voxels / fold / parts, fold * channels])
    self.parts = Shape([outer, parts * fold, channels])
  }

  /// The largest power of 2 up to a limit that divides a number.
  private static func power(dividing number: Int, atMost limit: Int) -> Int {
    var power = 1
    while 2 * power <= limit && number % (2 * power) == 0 { power *= 2 }
    return power
  }
}
