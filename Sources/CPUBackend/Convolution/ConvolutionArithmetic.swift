/// What a convolution computes, whatever its kernel wastes at the edges of tiles and of blocks of channels.
struct ConvolutionArithmetic {
  /// Products and sums.
  let flops: Double
  /// Whether they are products of pairs in bfloat16 (VDPBF16PS).
  let isOfPairs: Bool
}

extension ConvolutionProblem {
  /// Products and sums of an algorithm, two for each multiplication; those of Winograd's transforms do not count.
  ///
  /// Winograd's F(m, r) does m + r - 1 multiplications along an axis where there are m r.
  func flops(by algorithm: ConvolutionAlgorithm) -> Double {
    let all = 2 * Double(multiplications)
    guard case .winograd(let depth, let height, let width) = algorithm else { return all }
    return [depth, height, width].reduce(all) { flops, tile in
      flops * Double(tile + filter[0] - 1) / Double(tile * filter[0])
    }
  }
}
