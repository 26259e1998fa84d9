import CPUKernels
import Glibc
import TensorGraph

/// Batch norm with batch statistics, and its gradient, by passes over channels.
///
/// Source: Ioffe and Szegedy, "Batch Normalization", arXiv 1502.03167; the gradients simplified.
struct BatchNormWork {
  let pass: ChannelPass
  let epsilon: Double
  /// Whether a ReLU follows.
  let isRectified: Bool

  /// Floats of scratch: two blocks a part, and three coefficients a channel beside those of the normalisation.
  var scratchCount: Int { pass.partCount * 2 * ChannelPass.blockSize + 6 * pass.paddedChannels }

  /// The coefficients of each channel, in scratch; those of padding are zero, so that zeros stay zeros.
  private struct Coefficients {
    let centre, scale, shift: UnsafeMutablePointer<Float>
    let ofGradient, ofInput, constant: UnsafeMutablePointer<Float>

    init(_ scratch: UnsafeMutablePointer<Float>, _ count: Int) {
      scratch.update(repeating: 0, count: 6 * count)
      (centre, scale, shift) = (scratch, scratch + count, scratch + 2 * count)
      (ofGradient, ofInput, constant) = (scratch + 3 * count, scratch + 4 * count, scratch + 5 * count)
    }

    /// Those of the block that starts at a channel.
    func normalization(_ channel: Int) -> KernelNormalization {
      KernelNormalization(centre: centre + channel, scale: scale + channel, shift: shift + channel)
    }
  }

  private func deviation(_ variance: Float) -> Double { (Double(variance) + epsilon).squareRoot() }

  private func setNormalization(
    _ coefficients: Coefficients, _ scale: UnsafePointer<Float>, _ offset: UnsafePointer<Float>,
    _ mean: UnsafePointer<Float>, _ variance: UnsafePointer<Float>
  ) {
    for c in 0..<pass.channels {
      coefficients.centre[c] = mean[c]
      coefficients.scale[c] = Float(Double(scale[c]) / deviation(variance[c]))
      coefficients.shift[c] = offset[c]
    }
  }

  // MARK: Forward

  struct Forward {
    let x: UnsafeRawPointer
    let scale, offset: UnsafePointer<Float>
    let residual: UnsafeRawPointer?
    let y: UnsafeMutableRawPointer
    let mean, variance: UnsafeMutablePointer<Float>
    let scratch: UnsafeMutablePointer<Float>
  }

  /// y = the positive part of the normalised x, plus the residual; and the batch's mean and variance.
  func run(_ f: Forward) {
    let coefficients = Coefficients(f.scratch, pass.paddedChannels)
    measure(f, f.scratch + 6 * pass.paddedChannels)
    setNormalization(coefficients, f.scale, f.offset, f.mean, f.variance)
    normalise(f.x, coefficients, residual: f.residual, f.y)
  }

  private func normalise(
    _ x: UnsafeRawPointer, _ coefficients: Coefficients, residual: UnsafeRawPointer?,
    _ y: UnsafeMutableRawPointer
  ) {
    pass.forEachPart { part in
      var normalization = coefficients.normalization(part.channel)
      pass.kernel.normalise(
        pass.storage, isRectified, x + part.offset, &normalization, residual.map { $0 + part.offset },
        y + part.offset, Int64(part.voxels))
    }
  }

  // MARK: Given statistics

  struct Inference {
    let x: UnsafeRawPointer
    let scale, offset, mean, variance: UnsafePointer<Float>
    let y: UnsafeMutableRawPointer
    let scratch: UnsafeMutablePointer<Float>
  }

  /// y = x normalised by the given mean and variance.
  func run(_ i: Inference) {
    let coefficients = Coefficients(i.scratch, pass.paddedChannels)
    setNormalization(coefficients, i.scale, i.offset, i.mean, i.variance)
    normalise(i.x, coefficients, residual: nil, i.y)
  }

  /// Combines the moments of the parts. Source: Chan, Golub and LeVeque 1979, "Updating formulae and a pairwise
  /// algorithm for computing sample variances".
  private func measure(_ f: Forward, _ moments: UnsafeMutablePointer<Float>) {
    let size = ChannelPass.blockSize
    pass.forEachPart { part in
      let target = moments + part.index * 2 * size
      pass.kernel.moments(pass.storage, f.x + part.offset, Int64(part.voxels), target, target + size)
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * pass.channels) { totals in
      totals.update(repeating: 0)
      let count = Double(pass.voxelCount)
      pass.forEachChannel { part, channel, lane in
        totals[channel] += Double(moments[part.index * 2 * size + lane]) * Double(part.voxels) / count
      }
      pass.forEachChannel { part, channel, lane in
        let (mean, squares) = (
          moments[part.index * 2 * size + lane], moments[(part.index * 2 + 1) * size + lane]
        )
        let distance = Double(mean) - totals[channel]
        totals[pass.channels + channel] += Double(squares) + distance * distance * Double(part.voxels)
      }
      for c in 0..<pass.channels {
        f.mean[c] = Float(totals[c])
        f.variance[c] = Float(totals[pass.channels + c] / count)
      }
    }
  }

  // MARK: Gradient

  struct Gradient {
    let x: UnsafeRawPointer
    let dy: UnsafeRawPointer
    let scale, offset, mean, variance: UnsafePointer<Float>
    let dx: UnsafeMutableRawPointer
    let dscale, doffset: UnsafeMutablePointer<Float>
    /// The sum of dx, one number a channel.
    let dxSum: UnsafeMutablePointer<Float>
    let scratch: UnsafeMutablePointer<Float>
  }

  func run(_ g: Gradient) {
    let size = ChannelPass.blockSize
    let coefficients = Coefficients(g.scratch, pass.paddedChannels)
    let sums = g.scratch + 6 * pass.paddedChannels
    setNormalization(coefficients, g.scale, g.offset, g.mean, g.variance)
    pass.forEachPart { part in
      var normalization = coefficients.normalization(part.channel)
      let target = sums + part.index * 2 * size
      pass.kernel.gradientSums(
        pass.storage, isRectified, g.x + part.offset, g.dy + part.offset, &normalization, Int64(part.voxels),
        target, target + size)
    }
    solve(g, coefficients, sums)
    pass.forEachPart { part in
      var normalization = coefficients.normalization(part.channel)
      let c = part.channel
      pass.kernel.gradient(
        pass.storage, isRectified, g.x + part.offset, g.dy + part.offset, &normalization,
        coefficients.ofGradient + c, coefficients.ofInput + c, coefficients.constant + c, g.dx + part.offset,
        Int64(part.voxels), sums + part.index * size)
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: pass.channels) { totals in
      pass.total(sums, into: totals)
      for c in 0..<pass.channels { g.dxSum[c] = Float(totals[c]) }
    }
  }

  /// dx = scale / deviation (dy - doffset / n - x̂ dscale / n), as coefficients of dy and of x - mean.
  private func solve(_ g: Gradient, _ coefficients: Coefficients, _ sums: UnsafePointer<Float>) {
    let size = ChannelPass.blockSize
    let count = Double(pass.voxelCount)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: pass.channels) { totals in
      pass.total(sums, stride: 2 * size, into: totals)
      for c in 0..<pass.channels {
        let factor = Double(g.scale[c]) / deviation(g.variance[c])
        g.doffset[c] = Float(totals[c])
        coefficients.ofGradient[c] = Float(factor)
        coefficients.constant[c] = Float(-factor * totals[c] / count)
      }
      pass.total(sums + size, stride: 2 * size, into: totals)
      for c in 0..<pass.channels {
        let deviation = deviation(g.variance[c])
        g.dscale[c] = Float(totals[c] / deviation)
        let factor = Double(g.scale[c]) / deviation
        coefficients.ofInput[c] = Float(-factor * totals[c] / (deviation * deviation) / count)
      }
    }
  }
}
