import Foundation
import Networks
import Segmentation
import Testing
import Training

/// Every pair of an option and a choice with which it applies or does not. A refusal comes before anything is read, and
/// names the choice; what applies goes on to the data, which are not there.
@Suite(.serialized) struct OptionTests {
  private func errors(_ arguments: [String]) throws -> String {
    let run = try CommandRun(arguments)
    #expect(run.status != 0 && run.status < 128 && !run.errors.contains("Fatal error"), "\(run.errors)")
    return run.errors
  }

  private func train(_ options: [String]) throws -> String {
    try errors(["train", "--data-dir", "/none", "--model-dir", "/none/model"] + options)
  }

  private func expectRefusal(
    _ errors: String, _ words: [String], _ location: SourceLocation = #_sourceLocation
  ) {
    for word in words { #expect(errors.contains(word), "\(errors)", sourceLocation: location) }
    #expect(!errors.contains("no such folder"), "\(errors)", sourceLocation: location)
  }

  private func expectToApply(_ errors: String, _ location: SourceLocation = #_sourceLocation) {
    #expect(errors.contains("/none: there is no such folder"), "\(errors)", sourceLocation: location)
  }

  // MARK: Losses

  private static let overlapLosses: [LossName] = [.dice, .diceCrossEntropy, .tversky]

  @Test(arguments: [
    (["--loss-background"], overlapLosses), (["--no-loss-background"], overlapLosses),
    (["--loss-per-batch"], overlapLosses), (["--no-loss-class-mean"], overlapLosses),
    (["--loss-squared"], [.dice, .diceCrossEntropy]), (["--focal-exponent", "3"], [.focal]),
    (["--tversky-weights", "0.4", "0.6"], [.tversky]), (["--class-weights", "1", "2"], LossName.allCases),
  ])
  func variantsAreForSomeLosses(_ option: [String], _ losses: [LossName]) throws {
    for loss in LossName.allCases {
      let errors = try train(["--loss", loss.rawValue] + option)
      if losses.contains(loss) {
        expectToApply(errors)
      } else {
        expectRefusal(errors, [option[0], "--loss"] + losses.map(\.rawValue))
      }
    }
  }

  // MARK: Optimisers

  @Test(arguments: [
    (["--momentum", "0.5"], [OptimizerName.rmsprop, .sgd]), (["--weight-decay", "0.1"], [.adamw]),
    (["--clip-norm", "1"], OptimizerName.allCases),
  ])
  func figuresAreForSomeOptimizers(_ option: [String], _ optimizers: [OptimizerName]) throws {
    for optimizer in OptimizerName.allCases {
      let errors = try train(["--optimizer", optimizer.rawValue] + option)
      if optimizers.contains(optimizer) {
        expectToApply(errors)
      } else {
        expectRefusal(
          errors, [option[0], "--optimizer \(optimizers.map(\.rawValue).joined(separator: " or "))"])
      }
    }
  }

  // MARK: Samplings

  @Test(arguments: [
    ["--spacing", "1", "1", "1"], ["--memory-budget", "2"], ["--foreground-fraction", "0.5"],
    ["--with", "elastic"], ["--without", "flip"], ["--validate-every", "3"],
    ["--mirror-axes", "i", "k"],
  ])
  func patchOptionsAreForPatches(_ option: [String]) throws {
    for preset in Preset.allCases {
      let errors = try train(["--preset", preset.rawValue] + option)
      if TrainingOptions(preset: preset).sampling.patches != nil {
        expectToApply(errors)
      } else {
        expectRefusal(errors, [option[0], "--preset accurate"])
      }
    }
  }

  @Test(arguments: ["--augment", "--no-augment"])
  func flipsAreForWholeGrids(_ option: String) throws {
    for preset in Preset.allCases {
      let errors = try train(["--preset", preset.rawValue, option])
      if TrainingOptions(preset: preset).sampling.patches != nil {
        expectRefusal(errors, [option, "whole grids", "--with", "--without flip rotation scaling noise"])
      } else {
        expectToApply(errors)
      }
    }
  }

  // MARK: Others

  @Test(arguments: [
    (["--folds", "5", "--train-split", "0.8"], ["--train-split", "--folds"]),
    (["--evaluate", "--train-split", "1"], ["--evaluate", "--train-split 1"]),
    (["--compress-gradients", "bf16"], ["--compress-gradients", "mpirun", "--devices"]),
    (
      ["--preset", "accurate", "--with", "flip", "--without", "blur", "flip"],
      ["--with and --without", "flip"]
    ),
    (
      ["--preset", "accurate", "--mirror-axes", "i", "--without", "flip"],
      ["--mirror-axes", "--without flip"]
    ),
    (
      [
        "--preset", "accurate", "--memory-budget", "2", "--batch-size", "2", "--input-shape", "16", "16",
        "16",
      ], ["--memory-budget", "--input-shape", "--batch-size"]
    ),
    (["--no-amp", "--amp-dtype", "bf16", "--fold", "1"], ["--fold needs --folds"]),
    (["--splits", "s.json", "--train-split", "0.5"], ["--train-split", "--splits"]),
    (["--splits", "s.json", "--subject-pattern", "(a)"], ["--subject-pattern", "--splits"]),
    (["--splits", "/none/s.json"], ["/none/s.json", "no such file"]),
    (["--subject-pattern", "("], ["--subject-pattern (", "no regular expression"]),
    (["--data-list", "c.csv"], ["--data-dir", "--data-list"]),
    (["--images", "a"], ["--images", "--labels"]),
    (["--channels", "t1,t2"], ["--channels", "--images"]),
  ])
  func optionsThatExcludeOneAnother(_ options: [String], _ words: [String]) throws {
    expectRefusal(try train(options), words)
  }

  @Test(arguments: [
    ["--amp"], ["--amp-dtype", "bf16"], ["--operations"], ["--compress-gradients", "bf16"],
    ["--threads", "1"],
    ["--exact-convolution"], ["--convolution-algorithm", "direct"], ["--device", "cpu"], ["--xla"],
    ["--devices", "2"], ["--no-tf32"],
  ])
  func batchesAreMadeWithoutADevice(_ option: [String]) throws {
    expectRefusal(
      try errors(["benchmark", "--mode", "batches", "--data-dir", "/none"] + option),
      [option[0], "--mode batches"])
  }

  @Test(arguments: [
    (["--mode", "predict", "--compress-gradients", "bf16"], ["--compress-gradients", "--mode predict"]),
    (["--compress-gradients", "bf16"], ["--compress-gradients", "mpirun"]),
    (["--operations", "--json", "-"], ["--operations", "--json -"]),
    (["--data-dir", "/none"], ["--data-dir", "--mode batches"]), (["--scale-lr"], ["--scale-lr"]),
    (["--device", "cpu", "--no-tf32"], ["--no-tf32"]),
    (["--plugin", "/none.so", "--exact-convolution"], ["--exact-convolution", "--device cpu"]),
    (["--plugin", "/none.so", "--threads", "2"], ["--threads", "--device cpu"]),
  ])
  func benchmarksOptionsThatExcludeOneAnother(_ options: [String], _ words: [String]) throws {
    expectRefusal(try errors(["benchmark", "--steps", "1", "--warmup-steps", "0"] + options), words)
  }

  // MARK: Help

  @Test func helpsDefaultsAreThePresets() throws {
    let help = try CommandRun(["train", "--help-all"]).output.split(whereSeparator: \.isWhitespace).joined(
      separator: " ")
    let (usual, accurate) = (TrainingOptions(), TrainingOptions(preset: .accurate))
    let fast = TrainingOptions(preset: .fast)
    func blocks(_ preset: Preset) -> String {
      preset.network.architecture.vnet!.upscaleBlocks.map(String.init).joined(separator: " ")
    }
    for text in [
      "of each process (\(usual.batchSize); accurate, fast: planned)",
      "in all (\(usual.epochs); accurate: planned, at most \(accurate.epochs); fast: planned, at most \(fast.epochs))",
      "Learning rate (\(usual.baseLearningRate); accurate, fast: \(accurate.baseLearningRate))",
      "centred (\(usual.optimizer.name.rawValue); accurate, fast: \(accurate.optimizer.name.rawValue))",
      "(\(usual.schedule.rawValue); accurate, fast: \(accurate.schedule.rawValue))",
      "or none (none; accurate, fast: \(Int(accurate.clipNorm!)))",
      "Weight decay of adamw (0; accurate, fast: \(accurate.optimizer.weightDecay!))",
      "from 0 (\(usual.warmUpSteps); accurate, fast: planned, at most \(accurate.warmUpSteps))",
      "0 for none (none; accurate, fast: \(accurate.weightAverage!.decay))",
      "(\(usual.loss.name.rawValue); accurate, fast: \(accurate.loss.name.rawValue))",
      "focal loss (\(Loss(.focal).focalExponent!))", "rest validates (\(usual.trainingFraction))",
      "(--loss-background; accurate, fast: --no-loss-background)",
      "(--no-augment; accurate, fast: see --without)",
      "validations of patches (\(accurate.sampling.patches!.validationInterval))",
      "(\(blocks(.hippocampus)); milletari: \(blocks(.milletari)); unpadded: \(blocks(.unpadded)); "
        + "accurate, fast: \(blocks(.accurate)))",
    ] {
      #expect(help.contains(text), "\(text)")
    }
  }
}
