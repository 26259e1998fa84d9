import PlainText

/// How a plan decides how long a run on patches is. What the options say is never exceeded.
///
/// An epoch has some least number of batches, so that few cases are seen often enough; where patches are small, 150 such
/// epochs are what the recipe was made with. Where they are large, a batch costs as much as several of the recipe's, and 150
/// epochs of the same few cases would take hours. A run that costs more than the recipe's own ends when it has seen so many
/// voxels, or every case as often as the options have epochs, whichever is later. A run on many cases has all of its epochs.
public struct LengthRule: Codable, Equatable, Sendable {
  /// Voxels of patches in all; nil for as many epochs as the options say.
  public var voxelCount: Double?
  /// Voxels of patches up to which a run has as many epochs as the options say.
  public var freeVoxelCount: Double
  /// The share of a run's steps over which the learning rate grows; nil for as many steps as the options say.
  public var warmUpShare: Double?

  /// - Parameters:
  ///   - voxelCount: 10^9 are 480 batches of two patches of 96 x 104 x 104; see docs/RECIPE.md for what they take.
  ///   - freeVoxelCount: by default those of the recipe's 3,600 batches of 8 patches of 32 x 48 x 32.
  ///   - warmUpShare: by default that of 200 among the recipe's steps.
  public init(
    voxelCount: Double? = 1e9, freeVoxelCount: Double = 3_600 * 8 * 32 * 48 * 32,
    warmUpShare: Double? = 200.0 / 3_600
  ) {
    self.voxelCount = voxelCount
    self.freeVoxelCount = freeVoxelCount
    self.warmUpShare = warmUpShare
  }

  /// The epochs of a run.
  ///
  /// - Parameters:
  ///   - epochs: what the options say.
  ///   - batches: of an epoch; of one pass over the cases.
  fileprivate func epochs(of epochs: Int, batches: Int, pass: Int, batchVoxels: Int) -> Int {
    guard let voxelCount, Double(epochs * batches) * Double(batchVoxels) > freeVoxelCount else {
      return epochs
    }
    let wanted = max(voxelCount / Double(batchVoxels), Double(epochs * pass))
    return min(epochs, max(1, Int((wanted / Double(batches)).rounded())))
  }
}

/// How long a planned run is.
public struct RunLength: Codable, Equatable, Sendable {
  public var epochs: Int
  /// Batches of an epoch, of all processes and devices together.
  public var batchesPerEpoch: Int
  /// Steps over which the learning rate grows.
  public var warmUpSteps: Int
  /// Passes over the cases that the options ask for, where the run has fewer epochs; nil where it has as many.
  public var fullEpochs: Int?

  /// - Parameters:
  ///   - caseCount: the cases that train.
  ///   - patches, epochs, warmUpSteps: what the options say.
  ///   - batchVoxels: of one batch.
  package init(
    caseCount: Int, _ patches: PatchOptions, batchSize: Int, batchVoxels: Int, epochs: Int, warmUpSteps: Int
  ) {
    let pass = (caseCount + batchSize - 1) / batchSize
    let batches = max(patches.leastSteps ?? 1, pass)
    let planned =
      patches.length?.epochs(of: epochs, batches: batches, pass: pass, batchVoxels: batchVoxels) ?? epochs
    var warmUp = warmUpSteps
    if let share = patches.length?.warmUpShare {
      warmUp = min(warmUp, Int((Double(planned * batches) * share).rounded()))
    }
    self.epochs = planned
    batchesPerEpoch = batches
    self.warmUpSteps = warmUp
    fullEpochs = planned < epochs ? epochs : nil
  }

  /// In a line, for a user.
  package var summary: String {
    let all = "\(counted(epochs, "epoch")) of \(batchesPerEpoch) batches, \(epochs * batchesPerEpoch) in all"
    guard let fullEpochs else { return all }
    return all + ", since the cases are few and the patches large; --epochs \(fullEpochs) trains longer"
  }
}
