import Segmentation
import Training

/// One model to train.
struct PlannedRun {
  let folder: ModelFolder
  /// Its part of a cross-validation, where it is one.
  let fold: Fold?
  let options: TrainingOptions
  /// Whether it goes on from the folder's last checkpoint.
  let resumes: Bool
  /// Whether all of its epochs are trained.
  let isDone: Bool
}

extension TrainCommand {
  /// What is to be trained: one model, or one for each fold.
  func plannedRuns(_ replicas: Replicas) throws -> [PlannedRun] {
    guard let count = crossValidation.folds else {
      let folder = ModelFolder(modelDir)
      let options = try resolvedOptions(folder, fold: nil, resumes: resume, replicas)
      return [PlannedRun(folder: folder, fold: nil, options: options, resumes: resume, isDone: false)]
    }
    return try (crossValidation.fold.map { $0..<$0 + 1 } ?? 0..<count).map { index in
      let (folder, fold) = (ModelFolder(modelDir).fold(index), Fold(index, of: count))
      // nil where the fold has not begun.
      let epochsLeft: Int? = try replicas.fromFirst {
        guard resume && folder.holdsModel else { return nil }
        return try Checkpoint(folder).record.remainingEpochs(of: epochs)
      }
      let options = try resolvedOptions(folder, fold: fold, resumes: epochsLeft != nil, replicas)
      return PlannedRun(
        folder: folder, fold: fold, options: options, resumes: epochsLeft != nil, isDone: epochsLeft == 0)
    }
  }

  /// The preset's defaults, or the saved options when resuming, with what was given on the command line. A fold that
  /// has not begun when its cross-validation goes on takes the options of one that has.
  private func resolvedOptions(
    _ folder: ModelFolder, fold: Fold?, resumes: Bool, _ replicas: Replicas
  ) throws -> TrainingOptions {
    let saved: TrainingOptions? = try replicas.fromFirst {
      guard let source = resumes ? folder : resume ? ModelFolder(modelDir).folds.first : nil else {
        return nil
      }
      var options = try Checkpoint(source).record.options
      if !resumes { options.fold = fold }
      return options
    }
    var overrides =
      saved.map { OptionOverrides(saved: $0) }
      ?? OptionOverrides(defaults: TrainingOptions(preset: preset ?? .hippocampus))
    overrides.setFreely(\.epochs, epochs)
    try overrides.set(\.preset, preset, "--preset")
    try overrides.set(\.batchSize, batchSize, "--batch-size")
    try overrides.set(\.optimizer.name, optimizer, "--optimizer")
    try overrides.set(
      \.self, of: \.optimizer.momentum, momentum, "--momentum",
      appliesWith: choices("--optimizer") { Optimizer($0).momentum != nil })
    try overrides.set(\.clip, clipNorm, "--clip-norm")
    try overrides.set(\.baseLearningRate, baseLr, "--base-lr")
    try overrides.set(\.scalesLearningRate, scaleLr ? true : nil, "--scale-lr")
    try overrides.set(\.gradientCompression, replica.compressGradients?.dtype, "--compress-gradients")
    try overrides.set(\.schedule, lrSchedule, "--lr-schedule")
    try loss.apply(to: &overrides)
    try overrides.set(\.notANumber, scans.nanAs, "--nan-as")
    try overrides.set(\.trainingFraction, trainSplit, "--train-split")
    try overrides.set(\.splitSeed, splitSeed, "--split-seed")
    try overrides.set(\.seed, seed, "--seed")
    try structure.apply(to: &overrides)
    try overrides.set(\.fold, fold, "--fold")
    try recipe.apply(to: &overrides, structure, batchSize: batchSize)
    return overrides.options
  }
}

extension TrainingOptions {
  fileprivate var clip: ClipNorm {
    get { ClipNorm(limit: clipNorm) }
    set { clipNorm = newValue.limit }
  }
}
