import ArgumentParser
import MedicalImaging

/// The help topic on data sets: `vnet help data`.
struct DataTopic: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Formats of images, layouts of data sets, and divisions of their cases.",
    usage: "",
    discussion: text, shouldDisplay: false)

  func run() throws { throw CleanExit.helpRequest(self) }

  private static var text: String {
    let formats = ImageFormat.allCases.map { "  \(name($0)): \($0.suffixes.joined(separator: ", "))" }
    let layouts = DatasetLayout.allCases.map { layout in
      "\(layout.form.name)\n\(indented(layout.form.contents))\n    \(layout.form.example)"
    }
    return """
      FORMATS (by content, then by suffix in either case)
      \(formats.joined(separator: "\n"))
        'vnet inspect FILE' shows what a file holds.

      LAYOUTS (recognised from the folder; 'vnet verify' checks all files)
      \(layouts.joined(separator: "\n\n"))

      \(divisions)
      """
  }

  private static func name(_ format: ImageFormat) -> String {
    switch format {
    case .nifti: "NIfTI"
    case .niftiPair: "NIfTI pair"
    case .metaImage: "MetaImage"
    case .nrrd: "NRRD"
    }
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(separator: "\n")
  }

  private static let divisions = """
    NAMES
      A case is named by its file; where file names repeat, by the folders in
      which their paths differ: case_00000/imaging.nii.gz is case_00000. Names
      that start with "." are left out, and how many is said.

    DIVISIONS into cases that train and cases that validate
      At random (--train-split, --folds), by --splits FILE in the form of
      nnU-Net's splits_final.json, or by a list's own columns split and fold:
        [{"train": ["case_1", "case_2"], "val": ["case_3"]}, ...]
      Cases of one subject stay together in divisions at random: by a list's
      column subject, or by the first group of --subject-pattern in their names.
        vnet train --data-dir D --model-dir M --splits splits_final.json --fold 0
        vnet train --data-dir D --model-dir M --subject-pattern '^(sub-[0-9]+)_'
    """
}
