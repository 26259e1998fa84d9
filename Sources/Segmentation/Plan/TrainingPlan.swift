import Foundation
import MedicalImaging
import Networks
import PlainText

/// What a plan may not choose for itself.
public struct PlanWishes: Codable, Equatable, Sendable {
  /// mm along i, j, k.
  public var spacing: [Double]?
  /// Voxels along i, j, k.
  public var patchShape: [Int]?
  public var batchSize: Int?
  /// Up to which batches are planned; nil for up to 8.
  public var largestBatchSize: Int?
  /// The axes, among i (0), j (1) and k (2), along which patches are mirrored.
  public var mirroredAxes: [Int]?
  /// Of the train step, in bytes.
  public var memoryBudget: Double

  public init(
    spacing: [Double]? = nil, patchShape: [Int]? = nil, batchSize: Int? = nil, largestBatchSize: Int? = nil,
    mirroredAxes: [Int]? = nil, memoryBudget: Double = 4 * 1_073_741_824
  ) {
    self.spacing = spacing
    self.patchShape = patchShape
    self.batchSize = batchSize
    self.largestBatchSize = largestBatchSize
    self.mirroredAxes = mirroredAxes
    self.memoryBudget = memoryBudget
  }
}

/// How patches are made for a data set, planned from its fingerprint and kept with the model.
///
/// Source: the rules follow Isensee et al. 2021, nnU-Net, in a simpler form: median spacing, the largest patch that the
/// median case and the memory allow, large batches where patches are small.
public struct TrainingPlan: Codable, Equatable, Sendable {
  /// Batch sizes to choose from, the best first.
  private static let batchSizes = [8, 4, 2]

  public var fingerprint: DatasetFingerprint
  /// mm along i, j, k, to which scans are resampled.
  public var spacing: [Double]
  /// The median case at that spacing, in voxels.
  public var medianExtents: [Int]
  /// Voxels along i, j, k.
  public var patchShape: [Int]
  public var batchSize: Int
  /// Of the axes along which the options mirror patches, those along which that does not confuse classes; nil in what earlier
  /// versions wrote.
  public var mirroredAxes: [Int]?
  /// nil in what earlier versions wrote, and before the cases are divided.
  public var length: RunLength?

  /// Plans: the median spacing; the largest patch within the median case whose batch fits the memory, as a multiple of
  /// the network's stride; batches of 8 where such a patch fits, else of 4, else of 2 with a smaller patch. Patches are not
  /// mirrored along an axis by which two classes are told apart.
  ///
  /// - Parameter mirroredAxes: those along which the options mirror patches.
  public init(
    _ fingerprint: DatasetFingerprint, for network: Network, wishes: PlanWishes, mirroredAxes: [Int]
  ) {
    self.fingerprint = fingerprint
    let spacing = wishes.spacing ?? fingerprint.spacings.map(\.median)
    self.spacing = spacing
    let medianExtents = (0..<3).map { axis in
      let length = fingerprint.extents[axis].median * fingerprint.spacings[axis].median
      return max(1, Int((length / spacing[axis]).rounded()))
    }
    self.medianExtents = medianExtents
    let stride = network.stride
    let voxelLimit = wishes.memoryBudget / network.trainingBytesPerVoxel
    let largest = medianExtents.map { max(stride, $0 / stride * stride) }
    let patchVoxels = (wishes.patchShape ?? largest).reduce(1, *)
    let fitting = Self.batchSizes.first {
      $0 <= wishes.largestBatchSize ?? .max && Double($0 * patchVoxels) <= voxelLimit
    }
    let batchSize = wishes.batchSize ?? fitting ?? Self.batchSizes[Self.batchSizes.count - 1]
    self.batchSize = batchSize
    self.mirroredAxes =
      wishes.mirroredAxes ?? mirroredAxes.filter { fingerprint.orderedAxes?.contains($0) != true }
    patchShape =
      wishes.patchShape ?? Self.shrunk(largest, spacing, stride, Int(voxelLimit / Double(batchSize)))
  }

  /// A patch with at most so many voxels: the axis that is the longest in mm gives way, step by step.
  private static func shrunk(_ shape: [Int], _ spacing: [Double], _ stride: Int, _ voxelLimit: Int) -> [Int] {
    var shape = shape
    while shape.reduce(1, *) > voxelLimit {
      let candidates = shape.indices.filter { shape[$0] > stride }
      guard
        let axis = candidates.max(by: {
          Double(shape[$0]) * spacing[$0] < Double(shape[$1]) * spacing[$1]
        })
      else { break }
      shape[axis] -= stride
    }
    return shape
  }

  /// The plan in a few lines.
  public var summary: String {
    func text(_ values: [Double]) -> String {
      values.map { String(format: "%g", $0) }.joined(separator: " x ")
    }
    func range(_ spreads: [DatasetFingerprint.Spread]) -> String {
      "\(text(spreads.map(\.least))) to \(text(spreads.map(\.largest))), median \(text(spreads.map(\.median)))"
    }
    let classes = fingerprint.classSizes.map {
      "\($0.className) \(Int($0.volume.median.rounded())) mm^3 in \(counted($0.caseCount, "case"))"
    }
    let intensities = fingerprint.intensities.map { $0?.summary ?? "no foreground" }
    return """
      fingerprint of \(fingerprint.caseCount) cases
        voxels     \(range(fingerprint.extents))
        spacing    \(range(fingerprint.spacings)) mm
        classes    median \(classes.joined(separator: ", "))
        foreground intensities \(intensities.joined(separator: "; "))
      plan
        spacing    \(text(spacing)) mm, the median case then has \(medianExtents.map(String.init).joined(separator: " x ")) voxels
        patches    \(patchShape.map(String.init).joined(separator: " x ")), batches of \(batchSize)
      """ + (mirroring.map { "\n  mirroring  \($0)" } ?? "")
        + (length.map { "\n  length     \($0.summary)" } ?? "")
  }

  /// Along which axes patches are mirrored, and along which that would confuse classes, in a few words.
  private var mirroring: String? {
    func names(_ axes: [Int]) -> String { axes.map { ["i", "j", "k"][$0] }.joined(separator: ", ") }
    guard let mirroredAxes, let ordered = fingerprint.orderedAxes else { return nil }
    let chosen = mirroredAxes.isEmpty ? "none" : "along \(names(mirroredAxes))"
    return ordered.isEmpty ? chosen : chosen + "; classes lie in one order along \(names(ordered))"
  }
}
