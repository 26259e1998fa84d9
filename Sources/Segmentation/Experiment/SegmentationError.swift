import Foundation
import MedicalImaging
import PlainText

/// What stops a run. Each case is one clear sentence that names the file and the remedy.
public enum SegmentationError: Error, Equatable, CustomStringConvertible {
  /// A mask does not lie on its scan's grid.
  case gridMismatch(GridMismatch)
  /// A scan has another number of channels than the data set declares, or than the model takes.
  case channelMismatch(path: String, found: Int, expected: Int)
  case undeclaredLabel(path: String, label: Int, declared: [Int])
  case nonFiniteVoxels(path: String, count: Int)
  case modelExists(folder: String)
  case noModel(folder: String)
  /// The folder of a model is not there.
  case noModelFolder(folder: String)
  /// The best checkpoint of a trained model was asked for, and none was ever the best.
  case noBestCheckpoint(folder: String, reason: String)
  /// A model in one file was asked for another checkpoint than its own.
  case oneCheckpoint(path: String)
  /// A model whose weights were to start a training has another network.
  ///
  /// - Parameters:
  ///   - found: a shape, or that there is none.
  case initialModelDiffers(path: String, tensor: String, found: String, expected: String)
  /// A model whose weights were to start a training takes another number of channels.
  case initialChannelsDiffer(path: String, found: Int, expected: Int)
  /// Training was to write into a model in one file.
  case modelIsFile(path: String)
  case damagedModel(path: String, reason: String)
  /// Another process trains into a folder.
  ///
  /// - Parameters:
  ///   - path: of the lock.
  ///   - isKnown: whether it is known to be alive; otherwise it runs on another machine.
  case folderInUse(path: String, pid: Int32, host: String, since: String, isKnown: Bool)
  case unreadableLock(path: String)
  /// - Parameter given: empty for a flag.
  case optionConflict(option: String, given: String, saved: String)
  /// A run goes on from a model that names no cases, or that does.
  case anonymityDiffers(isAnonymous: Bool)
  case nothingToTrain(epochs: Int, done: Int)
  case noCases(reason: String)
  case cannotWrite(path: String, reason: String)
  /// - Parameter what: is there: "a scan".
  case wouldReplace(path: String, what: String)
  /// The loss of one step is not finite, or where that is nil some weight or prediction at the epoch's end.
  case diverged(epoch: Int, iteration: Int?)
  case gridExceedsMemory(gridShape: [Int], needed: UInt64, available: UInt64)
  /// A scan on the model's grid; spacings in mm, memory in bytes.
  case scanExceedsMemory(
    path: String, spacing: [Double], modelSpacing: [Double], needed: Double, available: UInt64)
  /// A scan and what is made of it; memory in bytes.
  case scanTooLarge(path: String, needed: Double, available: Int)
  /// Models of an ensemble see scans in different orders.
  case orientationsDiffer
  case tooManyFolds(Int, cases: Int)
  case tooManyFoldsOfSubjects(Int, subjects: Int)
  /// The models below a folder come from several divisions of the cases.
  case foldsDiffer(folder: String)
  case patchesNeedPadding
  case wrongClassWeights(found: Int, names: [String])
  /// Models of an ensemble have other classes or channels than its first.
  case modelsDiffer(found: [String], expected: [String])
  /// Models of an ensemble were trained with other values in place of voxels that are not a number.
  case replacementsDiffer
  /// Scans were to be predicted mirrored or turned as training did not show them.
  case viewNotTrained(model: String)
  /// What two scans give would be written to files of one name.
  case sameOutput(name: String, first: String, second: String)
  case duplicateCase(name: String, first: String, second: String)
  case classMismatch(dataset: String, found: [String], expected: [String])
  /// A process of a job was started with something else than the first.
  case replicasDiffer(rank: Int, what: [String])
  case tooManyReplicas(Int, cases: Int)

  public var description: String {
    switch self {
    case .gridMismatch(let mismatch):
      "\(mismatch)"
    case .channelMismatch(let path, let found, let expected):
      "\(path): the scan has \(counted(found, "channel")) and \(counted(expected, "is", "are")) needed; "
        + (found > expected
          ? "split it, if its volumes are scans in time, or take those that are needed."
          : "give the scan with all of them.")
    case .undeclaredLabel(let path, let label, let declared):
      "\(path): the mask holds the label \(label) but the labels are \(declared.map(String.init).joined(separator: ", ")); "
        + "\(LabelScheme.remedyForUndeclared)."
    case .nonFiniteVoxels(let path, let count):
      "\(path): \(counted(count, "voxel is", "voxels are")) infinite or not a number; replace them (--nan-as 0 takes those that are not a number "
        + "for 0), or take the scan out."
    case .modelExists(let folder):
      "\(folder): this folder already holds a trained model; add --resume to go on training it, "
        + "or choose another --model-dir."
    case .noModelFolder(let folder):
      "\(folder): there is no such folder; give the --model-dir of a finished training."
    case .noModel(let folder):
      "\(folder): there is no trained model in this folder; give the --model-dir of a finished training."
    case .noBestCheckpoint(let folder, let reason):
      "\(folder): no best checkpoint was kept, because \(reason); take --checkpoint last."
    case .folderInUse(let path, let pid, let host, let since, let isKnown):
      "\(path): process \(pid) on \(host) has trained into this folder since \(since); wait for its end or choose another "
        + "--model-dir\(isKnown ? "" : ", or remove this file if that process is gone")."
    case .unreadableLock(let path):
      "\(path): this file tells that another training uses the folder, but not which; remove it if there is none."
    case .oneCheckpoint(let path):
      "\(path): a model in one file holds one checkpoint, and no best one beside it; leave --checkpoint out."
    case .initialModelDiffers(let path, let tensor, let found, let expected):
      "\(path): has another network: \(tensor) is \(found) there and would be \(expected); leave the options of the structure "
        + "out, so that the network is the model's."
    case .initialChannelsDiffer(let path, let found, let expected):
      "\(path): takes scans of \(found) channels, and this data set has \(expected); give --adapt-channels to make weights for "
        + "them of those that are there."
    case .modelIsFile(let path):
      "\(path): is a file, and training needs a folder; give another --model-dir, with --init-from to start from this model."
    case .damagedModel(let path, let reason):
      "\(path): the checkpoint cannot be used (\(reason)); restore it from a copy or train anew."
    case .optionConflict(let option, let given, let saved):
      "\(option)\(given.isEmpty ? "" : " " + given) differs from \(saved), with which this model was trained; "
        + "leave it out, or train anew in another --model-dir."
    case .anonymityDiffers(let isAnonymous):
      "--anonymous\(isAnonymous ? " was given when this training began; give it again" : ": this training began without it; leave it out"), "
        + "or train anew in another --model-dir."
    case .nothingToTrain(let epochs, let done):
      "the model has already been trained for \(counted(done, "epoch")) and --epochs asks for \(epochs); "
        + "ask for more to go on."
    case .noCases(let reason):
      "\(reason)"
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written (\(reason)); check the folder's permissions and free space."
    case .wouldReplace(let path, let what):
      "\(path): would be written over \(what); choose another --output."
    case .diverged(let epoch, let iteration):
      "training has diverged in epoch \(epoch): \(iteration.map { "the loss of step \($0)" } ?? "some weight or prediction") "
        + "is not finite; train with a lower --base-lr or with --clip-norm 1. The last checkpoint is untouched."
    case .wrongClassWeights(let found, let names):
      "--class-weights lists \(found) numbers but there should be \(names.count), one for each of "
        + "\(names.joined(separator: ", ")); give them in this order."
    case .modelsDiffer(let found, let expected):
      "the models differ in their channels or classes (\(found.joined(separator: ", ")) and "
        + "\(expected.joined(separator: ", "))); give models of one data set."
    case .replacementsDiffer:
      "the models were trained with different values in place of voxels that are not a number; give --nan-as with the one "
        + "to take."
    case .viewNotTrained(let model):
      "\(model): predicting scans that are mirrored or turned (--tta) takes models whose training showed them such, all of them the "
        + "same; leave --tta out, or train with mirroring (--augment) or with --preset accurate."
    case .patchesNeedPadding:
      "patches need --padding same; leave --padding out, or take another --preset."
    case .foldsDiffer(let folder):
      "\(folder): the models in its folders are not folds of one cross-validation (--folds, --split-seed, --splits or --subject-pattern differ); "
        + "keep each cross-validation in a folder of its own."
    case .tooManyFolds(let count, let cases):
      "\(counted(cases, "labelled case")) cannot be divided into \(count) folds; take 2 to \(cases)."
    case .tooManyFoldsOfSubjects(let count, let subjects):
      "the labelled cases are of \(counted(subjects, "subject")) and cannot be divided into \(count) folds without dividing a "
        + "subject's; take 2 to \(subjects)."
    case .gridExceedsMemory(let gridShape, let needed, let available):
      "one case on a grid of \(gridShape.map(String.init).joined(separator: "x")) takes "
        + "\(needed >> 20) MiB of memory and this process may take \(available >> 20) more; take a smaller --input-shape."
    case .scanExceedsMemory(let path, let spacing, let modelSpacing, let needed, let available):
      "\(path): its spacing is \(text(spacing)) mm, and at the model's \(text(modelSpacing)) mm preparing it takes "
        + "\(Int(min(needed / 1_048_576, 1e15))) MiB where this process may take \(available >> 20) more; "
        + "correct its unit or its geometry."
    case .scanTooLarge(let path, let needed, let available):
      "\(path): takes about \(Int(min(needed / 1_048_576, 1e15))) MiB of memory beside the network, and this process may "
        + "take \(available >> 20) more; crop the scan, or allow more (ulimit -v, the container's limit, the machine)."
    case .orientationsDiffer:
      "some of the models see scans in canonical order and some as they are stored (--orientation); "
        + "give models that were trained alike."
    case .duplicateCase(let name, let first, let second):
      "\(second): has the same case name (\(name)) as \(first); rename one, since masks are named as scans."
    case .sameOutput(let name, let first, let second):
      "\(second): what is written of it would have the name \(name), as that of \(first); rename one of the two"
        + (name.hasSuffix(PredictionOutput.probabilitiesEnding) ? ", or leave --probabilities out." : ".")
    case .classMismatch(let dataset, let found, let expected):
      "\(dataset): the classes are \(found.joined(separator: ", ")) but the model was trained on "
        + "\(expected.joined(separator: ", ")); give a data set with the same classes."
    case .replicasDiffer(let rank, let what):
      "rank \(rank) differs from rank 0 in: \(what.joined(separator: ", ")); start all processes with one "
        + "command, and give every machine the same files."
    case .tooManyReplicas(let count, let cases):
      "\(count) processes cannot share out \(counted(cases, "training case")); start at most \(cases)."
    }
  }

  private func text(_ spacing: [Double]) -> String {
    spacing.map { String(format: "%g", $0) }.joined(separator: " x ")
  }
}
