import ArgumentParser
import Segmentation

/// Options of a training that starts from a trained model.
struct FineTuningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Start from this model's weights (a folder, or a file by 'vnet export'), on its network, with its preset's recipe and a "
        + "tenth of the learning rate; the last layer begins anew where the classes differ.",
      valueName: "model"))
  var initFrom: String?

  @Option(help: "Leave the weights of this part as they are: encoder.")
  var freeze: FrozenPart?

  @Flag(
    help: "Make the first layer's weights for another number of channels of those that are there.")
  var adaptChannels = false

  func validate() throws {
    guard adaptChannels, initFrom == nil else { return }
    throw ValidationError("--adapt-channels applies with --init-from only; add that, or leave it out.")
  }

  /// - Parameters:
  ///   - resumes: whether a run goes on, whose model has what was frozen.
  ///   - saysSo: whether to say what then is of no use; the same command may begin and go on.
  func requireUse(resumes: Bool, saysSo: Bool) throws {
    if resumes, initFrom != nil, saysSo {
      standardErrorLine("Note: --init-from was for the beginning of this training, which goes on.")
    }
    if !resumes, let initFrom, let fold = crossValidationFold {
      throw ValidationError(
        "--init-from \(initFrom) is a cross-validation, and a training starts from one model; give one of its folds, such as "
          + "\(fold.path).")
    }
    if !resumes, freeze != nil, initFrom == nil {
      throw ValidationError(
        "--freeze is for weights that were trained; add --init-from with a model, or leave it out.")
    }
  }

  /// A model of the cross-validation that was given; nil where it is none.
  private var crossValidationFold: ModelFolder? {
    initFrom.map { ModelFolder($0) }.flatMap { $0.holdsModel ? nil : $0.folds.first }
  }

  var initialModel: InitialModel? {
    initFrom.map { InitialModel(ModelFolder($0), adaptsChannels: adaptChannels) }
  }
}

extension FrozenPart: ExpressibleByArgument {}
