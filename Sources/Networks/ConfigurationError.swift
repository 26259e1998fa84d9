/// Why a network of this configuration cannot be built: one sentence that names the option and the remedy.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// `nearest` is empty where no shape fits.
  case invalidInputShape(found: [Int], nearest: [[Int]])
  case wrongNumberOfExtents([Int])
  case outOfRange(option: String, value: Int, allowed: ClosedRange<Int>)
  case evenConvolutionSize(Int)
  case wrongNumberOfUpscaleBlocks(found: Int, downscaleBlocks: Int)

  public var description: String {
    switch self {
    case .invalidInputShape(_, let nearest) where nearest.isEmpty:
      "no --input-shape fits this network; take fewer or smaller convolutions, or --padding same."
    case .invalidInputShape(let found, let nearest):
      "--input-shape \(Self.text(found)) does not fit this network; the nearest that do are "
        + nearest.map(Self.text).joined(separator: " and ") + "."
    case .wrongNumberOfExtents(let found):
      "--input-shape takes three numbers of voxels, not \(found.count); for example 32 32 32."
    case .outOfRange(let option, let value, let allowed):
      "\(option) \(value) is not possible; take \(allowed.lowerBound) to \(allowed.upperBound)."
    case .evenConvolutionSize(let size):
      "--convolution-size \(size) has no centre voxel; take an odd one such as 3 or 5."
    case .wrongNumberOfUpscaleBlocks(let found, let downscaleBlocks):
      "--upscale-blocks lists \(found) stages, but \(downscaleBlocks) on the way down need as many, or one "
        + "fewer to leave the full resolution to the output block."
    }
  }

  private static func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: " ") }
}
