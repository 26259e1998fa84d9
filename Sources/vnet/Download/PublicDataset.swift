import ArgumentParser

/// A data set that can be fetched by name: the ten tasks of the Medical Segmentation Decathlon.
///
/// Source: addresses and checksums are those of MONAI, monai/apps/datasets.py, DecathlonDataset; licence and citation those of
/// Antonelli et al., The Medical Segmentation Decathlon, Nature Communications 13, 4128 (2022).
enum PublicDataset: String, CaseIterable {
  case brainTumour = "brain-tumour"
  case heart
  case liver
  case hippocampus
  case prostate
  case lung
  case pancreas
  case hepaticVessel = "hepatic-vessel"
  case spleen
  case colon

  /// The name that the archive and its folder bear: "Task04_Hippocampus".
  var task: String {
    switch self {
    case .brainTumour: "Task01_BrainTumour"
    case .heart: "Task02_Heart"
    case .liver: "Task03_Liver"
    case .hippocampus: "Task04_Hippocampus"
    case .prostate: "Task05_Prostate"
    case .lung: "Task06_Lung"
    case .pancreas: "Task07_Pancreas"
    case .hepaticVessel: "Task08_HepaticVessel"
    case .spleen: "Task09_Spleen"
    case .colon: "Task10_Colon"
    }
  }

  /// The archive's digest, 32 hexadecimal digits.
  var md5: String {
    switch self {
    case .brainTumour: "240a19d752f0d9e9101544901065d872"
    case .heart: "06ee59366e1e5124267b774dbd654057"
    case .liver: "a90ec6c4aa7f6a3d087205e23d4e6397"
    case .hippocampus: "9d24dba78a72977dbd1d2e110310f31b"
    case .prostate: "35138f08b1efaef89d7424d2bcc928db"
    case .lung: "8afd997733c7fc0432f71255ba4e52dc"
    case .pancreas: "4f7080cfca169fa8066d17ce6eb061e4"
    case .hepaticVessel: "641d79e80ec66453921d997fbf12a29c"
    case .spleen: "410d4a301da4e5b2f6f86ec3ddba524e"
    case .colon: "bad7a188931dc2f6acf72b08eb6202d0"
    }
  }

  var address: String { "https://msd-for-monai.s3-us-west-2.amazonaws.com/\(task).tar" }

  /// What whoever uses the data is bound to.
  static let terms =
    "The Medical Segmentation Decathlon, CC-BY-SA 4.0; cite Antonelli et al., Nature Communications 13, 4128 (2022), "
    + "doi:10.1038/s41467-022-30695-9"

  static let names = allCases.map(\.rawValue).joined(separator: ", ")

  /// By its name here, or by that of its task, in any case.
  init(named text: String) throws {
    let word = text.lowercased()
    let known = Self.allCases.first { [$0.rawValue, $0.task.lowercased()].contains(word) }
    guard let known else {
      let nearest = nearestName(to: word, among: Self.allCases.map(\.rawValue))
      throw ValidationError(
        "no data set '\(text)' is known; "
          + (nearest.map { "did you mean '\($0)'?" } ?? "take one of \(Self.names), or give --from."))
    }
    self = known
  }
}
