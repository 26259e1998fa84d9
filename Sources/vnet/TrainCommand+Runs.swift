import ArgumentParser
import MedicalImaging
import PlainText
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
    let splits = try crossValidation.givenSplits()
    guard let count = try crossValidation.foldCount(splits) else {
      let folder = ModelFolder(modelDir)
      return [try plannedRun(folder, fold: nil, splits, replicas)]
    }
    return try (crossValidation.fold.map { $0..<$0 + 1 } ?? 0..<count).map { index in
      try plannedRun(ModelFolder(modelDir).fold(index), fold: Fold(index, of: count), splits, replicas)
    }
  }

  /// One model that is to be trained, from wherever it is.
  private func plannedRun(
    _ folder: ModelFolder, fold: Fold?, _ splits: Splits?, _ replicas: Replicas
  ) throws -> PlannedRun {
    // nil where the training has not begun.
    let epochsLeft: Int? = try replicas.fromFirst {
      guard resume && folder.holdsModel else { return nil }
      return try Checkpoint(folder).record.remainingEpochs(of: epochs, patience: patience)
    }
    if resume, epochsLeft == nil, fold == nil, replicas.isFirst {
      standardErrorLine(
        "Note: \(folder.path.printable): there is no model to go on with, and the training begins.")
    }
    let options = try resolvedOptions(folder, fold: fold, splits, resumes: epochsLeft != nil, replicas)
    return PlannedRun(
      folder: folder, fold: fold, options: options, resumes: epochsLeft != nil, isDone: epochsLeft == 0)
  }

  /// A run with the division that the data set's own list makes, where it is a new one and no option divides otherwise.
  func divided(_ run: PlannedRun, as dataset: Dataset, _ replicas: Replicas) throws -> PlannedRun {
    let listed = run.fold == nil ? dataset.listedSplit : dataset.listedFolds
    let continues = try replicas.fromFirst {
      run.resumes || resume && !ModelFolder(modelDir).folds.isEmpty
    }
    guard !continues, run.options.splits == nil else { return run }
    guard let listed else {
      if let folds = dataset.listedFolds, run.fold == nil, replicas.isFirst {
        standardErrorLine("Note: the \(folds) is not used; give --folds to train a cross-validation by it.")
      }
      return run
    }
    if let option = randomDivision {
      if replicas.isFirst { standardErrorLine("Note: the \(listed) is not used, since \(option) is given.") }
      return run
    }
    var options = run.options
    options.splits = listed
    return PlannedRun(
      folder: run.folder, fold: run.fold, options: options, resumes: run.resumes, isDone: run.isDone)
  }

  /// The option that asks for a division at random; nil without one.
  private var randomDivision: String? {
    if trainSplit != nil { return "--train-split" }
    if splitSeed != nil { return "--split-seed" }
    return crossValidation.subjectPattern == nil ? nil : "--subject-pattern"
  }

  /// The preset's defaults, or the saved options when resuming, with what was given on the command line. A fold that
  /// has not begun when its cross-validation goes on takes the options of one that has.
  private func resolvedOptions(
    _ folder: ModelFolder, fold: Fold?, _ splits: Splits?, resumes: Bool, _ replicas: Replicas
  ) throws -> TrainingOptions {
    let saved: TrainingOptions? = try replicas.fromFirst {
      guard let source = resumes ? folder : resume ? ModelFolder(modelDir).folds.first : nil else {
        return nil
      }
      var options = try Checkpoint(source).record.options
      if !resumes { options.fold = fold }
      return options
    }
    try fineTuning.requireUse(resumes: resumes, saysSo: replicas.isFirst)
    if replicas.isFirst, folder.isFile || ModelFolder(modelDir).isFile {
      throw SegmentationError.modelIsFile(path: modelDir)
    }
    var overrides =
      try saved.map { OptionOverrides(saved: $0) } ?? OptionOverrides(defaults: try defaultOptions(replicas))
    overrides.setFreely(\.epochs, epochs)
    if epochs != nil { overrides.setFreely(\.plannedVoxels, .some(nil)) }
    if let patience { overrides.setFreely(\.patience, patience) }
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
    try overrides.set(\.frozenPart, fineTuning.freeze, "--freeze")
    try structure.apply(to: &overrides)
    try overrides.set(\.fold, fold, "--fold")
    // A file that says the same under another path is no other division.
    let isSame = splits?.parts == overrides.options.splits?.parts
    try overrides.set(\.splits, isSame ? nil : splits, "--splits")
    try overrides.set(\.subjectPattern, crossValidation.subjectPattern, "--subject-pattern")
    try recipe.apply(to: &overrides, structure, batchSize: batchSize)
    return overrides.options
  }
}

extension TrainCommand {
  /// Of a run that begins: the preset's, or where it starts from a model those that go with it.
  ///
  /// - Throws: where a preset was given that is not the model's.
  private func defaultOptions(_ replicas: Replicas) throws -> TrainingOptions {
    guard let initialModel = fineTuning.initialModel else {
      return TrainingOptions(preset: preset ?? .hippocampus)
    }
    let options = try replicas.fromFirst { try initialModel.defaultOptions() }
    if let preset, preset != options.preset {
      throw ValidationError(
        "--preset \(preset.rawValue) differs from \(options.preset.rawValue), that of the model of --init-from; leave it out."
      )
    }
    return options
  }
}

extension TrainingOptions {
  /// What a run's length is planned by; nothing to set without patches, or where an earlier version planned none.
  fileprivate var plannedVoxels: Double? {
    get { sampling.patches?.length?.voxelCount }
    set { if sampling.patches?.length != nil { sampling.patches!.length!.voxelCount = newValue } }
  }

  fileprivate var clip: ClipNorm {
    get { ClipNorm(limit: clipNorm) }
    set { clipNorm = newValue.limit }
  }
}
