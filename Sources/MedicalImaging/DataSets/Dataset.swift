/// Scans with masks of the same classes, whatever the layout of the folder that they were found in.
public struct Dataset: Equatable, Sendable {
  public let name: String
  /// The file or the folder that lists the cases; errors name it.
  public let descriptionPath: String
  public let layout: DatasetLayout
  public let labels: LabelScheme
  /// The names of the channels in their order, such as "MRI" or "CT".
  public let channelNames: [String]
  /// Cases with masks.
  public let training: [Case]
  /// Cases without masks; often none.
  public let test: [Case]
  /// The number of training cases that the description claims, if it does.
  public let declaredTrainingCount: Int?
  /// The number of entries that were left out for their names.
  public let skippedCount: Int

  /// The names of the classes in order, background first, or of the regions.
  public var classNames: [String] { labels.outputNames }

  /// Reads what a folder says of its data set, in whichever layout it is. The scans themselves are not opened.
  ///
  /// - Throws: `DatasetError` when something is missing or cannot be used.
  public init(folder: String) throws(DatasetError) {
    self = try DatasetLayout(of: folder).read(folder)
  }

  package init(
    name: String, descriptionPath: String, layout: DatasetLayout, labels: LabelScheme, channelNames: [String],
    training: [Case], test: [Case] = [], declaredTrainingCount: Int? = nil, skippedCount: Int = 0
  ) {
    self.name = name
    self.descriptionPath = descriptionPath
    self.layout = layout
    self.labels = labels
    self.channelNames = channelNames
    self.training = training
    self.test = test
    self.declaredTrainingCount = declaredTrainingCount
    self.skippedCount = skippedCount
  }
}
