import ArgumentParser
import MedicalImaging
import PlainText

struct PhantomCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phantom",
    abstract: "Make a synthetic data set: curved structures in parts, with bias field and noise.",
    discussion: """
      One seed always gives the same files. An earlier phantom in the folder is replaced.

      vnet phantom --output data --cases 12
      vnet phantom --output ct --modality CT --spacing 1 1 5 --seed 7
      """)

  @Option(help: "Folder of the data set; made if need be.")
  var output: String

  @Option(help: "Labelled cases.")
  var cases = 24

  @Option(help: "Cases without masks.")
  var testCases = 2

  @Option(help: "Another seed, another data set.")
  var seed: UInt64 = 0

  @Option(help: "Channels of each scan.")
  var channels = 1

  @Option(help: "MR or CT.", transform: modality)
  var modality = PhantomConfiguration.Modality.mr

  @Option(help: "Foreground classes, the parts of each structure.")
  var classes = 2

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("mm along i, j, k of every scan (0.8 to 1.3, drawn for each).", valueName: "i j k"))
  var spacing: [Double] = []

  @OptionGroup var printing: QuietOption

  private static func modality(_ text: String) throws -> PhantomConfiguration.Modality {
    guard let modality = PhantomConfiguration.Modality(rawValue: text.uppercased()) else {
      throw ValidationError("--modality \(text) is not known; take MR or CT.")
    }
    return modality
  }

  func run() throws {
    let configuration = PhantomConfiguration(
      caseCount: cases, testCaseCount: testCases, seed: seed, channelCount: channels, modality: modality,
      classCount: classes, spacing: spacing.isEmpty ? nil : spacing)
    let leftovers = PhantomDataset.leftovers(of: configuration, in: output)
    let dataset = try PhantomDataset.write(configuration, to: output)
    if !leftovers.isEmpty {
      standardErrorLine(
        "Note: \(output): \(counted(leftovers.count, "file")) of the earlier phantom removed.".printable)
    }
    print(
      "\(output): \(counted(dataset.training.count, "labelled case")), \(dataset.test.count) without masks, classes "
        + dataset.classNames.joined(separator: ", "))
    suggest("verify", "--data-dir", output)
  }
}
