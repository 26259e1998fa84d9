/// What a report on a training run or an evaluation says. `html()` renders it.
public struct ReportContents: Sendable {
  /// One line of what was measured, or of the configuration.
  public struct Setting: Equatable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// One curve of a chart, in the order of `x`.
  public struct Curve: Equatable, Sendable {
    public struct Point: Equatable, Sendable {
      public var x: Double
      public var y: Double

      public init(x: Double, y: Double) {
        self.x = x
        self.y = y
      }
    }

    public var name: String
    public var points: [Point]

    public init(name: String, points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  /// How well one class is segmented. A figure is nil where the class is absent.
  public struct Score: Equatable, Sendable {
    public var className: String
    /// Soft Dice at the network's resolution, 0 to 1.
    public var softDice: Double?
    /// Dice of the masks in the scan's own geometry, 0 to 1.
    public var dice: Double?
    /// 95th percentile of the Hausdorff distance, in mm.
    public var hausdorffDistance95: Double?
    /// Average symmetric surface distance, in mm.
    public var averageSurfaceDistance: Double?
    /// At a tolerance of 1 mm, 0 to 1.
    public var normalizedSurfaceDice: Double?
    /// In mm^3.
    public var predictedVolume: Double?
    public var trueVolume: Double?
    /// Over how many cases the distances were measured; nil for one case.
    public var distanceCount: DistanceCount?
    /// Of figures that are means over cases.
    public var intervals: [EvaluationFigure: ConfidenceInterval]

    public init(
      className: String, softDice: Double? = nil, dice: Double? = nil,
      hausdorffDistance95: Double? = nil, averageSurfaceDistance: Double? = nil,
      normalizedSurfaceDice: Double? = nil, predictedVolume: Double? = nil, trueVolume: Double? = nil,
      distanceCount: DistanceCount? = nil, intervals: [EvaluationFigure: ConfidenceInterval] = [:]
    ) {
      self.intervals = intervals
      self.normalizedSurfaceDice = normalizedSurfaceDice
      self.predictedVolume = predictedVolume
      self.trueVolume = trueVolume
      self.distanceCount = distanceCount
      self.className = className
      self.softDice = softDice
      self.dice = dice
      self.hausdorffDistance95 = hausdorffDistance95
      self.averageSurfaceDistance = averageSurfaceDistance
    }
  }

  /// The scores of one case, one for each class.
  public struct CaseScores: Equatable, Sendable {
    public var caseName: String
    public var scores: [Score]

    public init(caseName: String, scores: [Score]) {
      self.caseName = caseName
      self.scores = scores
    }
  }

  /// A picture of one case and what stands below it.
  public struct Figure: Equatable, Sendable {
    public var caption: String
    public var picture: Picture

    public init(caption: String, picture: Picture) {
      self.caption = caption
      self.picture = picture
    }
  }

  public var title: String
  /// Which data and which model, at the top.
  public var terms: [Setting]
  public var configuration: [Setting]
  /// Loss by epoch; left out of the report when empty.
  public var lossCurves: [Curve]
  /// Dice on the validation cases by epoch; left out of the report when empty.
  public var diceCurves: [Curve]
  /// Means over the cases.
  public var classScores: [Score]
  public var caseScores: [CaseScores]
  /// Overlays of a few cases.
  public var figures: [Figure]
  /// A few cases in three planes.
  public var viewers: [SliceViewer]
  /// The foreground classes in the order of their indices, 1 and on, for the legend of the figures.
  public var classNames: [String]

  public init(
    title: String, terms: [Setting] = [], configuration: [Setting] = [], lossCurves: [Curve] = [],
    diceCurves: [Curve] = [],
    classScores: [Score] = [], caseScores: [CaseScores] = [], figures: [Figure] = [],
    viewers: [SliceViewer] = [], classNames: [String] = []
  ) {
    self.title = title
    self.terms = terms
    self.configuration = configuration
    self.lossCurves = lossCurves
    self.diceCurves = diceCurves
    self.classScores = classScores
    self.caseScores = caseScores
    self.figures = figures
    self.viewers = viewers
    self.classNames = classNames
  }
}
