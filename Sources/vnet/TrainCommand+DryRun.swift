import Foundation
import PlainText
import Segmentation
import TensorGraph

extension TrainCommand {
  /// Tells what a training would be; nothing is written.
  func foretell(_ run: PlannedRun, _ survey: DatasetSurvey, _ executor: any Executor) throws {
    if !run.resumes { try run.folder.requireNoModel() }
    let decision = try precision.decision(on: executor, lossScale: lossScale)
    var options = run.options
    options.lossScale = decision.lossScale
    let forecast = try TrainingForecast(
      survey: survey, continuing: run.resumes ? run.folder : nil, options: options,
      startingFrom: run.resumes ? nil : fineTuning.initialModel, executor: executor,
      halfDType: decision.halfDType, cacheByteLimit: recipe.cacheByteLimit)
    describe(forecast.record, parameterCount: forecast.trainableParameterCount)
    print("\(executor.summary)\n\(decision.summary)")
    let epochs = forecast.epochsLeft
    print(
      """
      dry run      nothing is trained and nothing is written
      steps        \(forecast.stepsPerEpoch) an epoch, \(forecast.stepsPerEpoch * epochs) in \(counted(epochs, "epoch"))
      step         \(String(format: "%.2f s", forecast.secondsPerStep)), measured on made-up data
      epoch        \(Self.text(forecast.secondsPerEpoch)) of steps, without reading and validating
      training     \(Self.text(forecast.secondsPerEpoch * Double(epochs))) of steps
      memory       \(Self.peakMebibytes) MiB at the peak of a step, and about \(forecast.caseByteCount >> 20) MiB for cases
      """)
  }

  private static func text(_ seconds: Double) -> String { "about \(ProgressLine.duration(max(1, seconds)))" }

  /// The largest resident memory of this process so far.
  private static var peakMebibytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss >> 10
  }
}
