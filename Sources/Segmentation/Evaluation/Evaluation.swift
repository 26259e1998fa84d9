import MedicalImaging

/// How well one class of one case was segmented.
public struct ClassEvaluation: Codable, Equatable, Sendable {
  public var className: String
  /// At network resolution, of probabilities; nil where there are none.
  public var softDice: Double?
  /// In the scan's own geometry, of masks.
  public var metrics: ClassMetrics
  /// The same for the largest connected component of the prediction alone; nil where it is the whole.
  public var largestComponentMetrics: ClassMetrics?

  public init(
    className: String, softDice: Double? = nil, metrics: ClassMetrics,
    largestComponentMetrics: ClassMetrics? = nil
  ) {
    self.className = className
    self.softDice = softDice
    self.metrics = metrics
    self.largestComponentMetrics = largestComponentMetrics
  }
}

/// How well one case was segmented: its foreground classes in their order.
public struct CaseEvaluation: Codable, Equatable, Sendable {
  public var caseName: String
  public var classes: [ClassEvaluation]

  public init(caseName: String, classes: [ClassEvaluation]) {
    self.caseName = caseName
    self.classes = classes
  }

  /// Mean Dice over the classes that are there; nil where none is.
  public var meanDice: Double? { mean(classes.compactMap(\.metrics.dice.value)) }
}

/// A case that could not be measured, and why.
public struct CaseFailure: Codable, Equatable, Sendable {
  public var caseName: String
  /// One sentence: the file, what is wrong and what to do.
  public var reason: String

  public init(caseName: String, reason: String) {
    self.caseName = caseName
    self.reason = reason
  }
}

/// Over how many cases a distance was measured.
public struct DistanceCount: Equatable, Sendable, CustomStringConvertible {
  /// The cases whose truth has the class and whose prediction does, too.
  public var measured: Int
  /// The cases whose truth has the class.
  public var present: Int

  public init(measured: Int, present: Int) {
    self.measured = measured
    self.present = present
  }

  public var description: String { "\(measured) of \(present)" }
}

/// How well a set of cases was segmented.
public struct Evaluation: Equatable, Sendable {
  /// Foreground classes.
  public var classNames: [String]
  public var cases: [CaseEvaluation]
  /// Cases that were to be measured and are left out of every figure.
  public var failures: [CaseFailure]

  public init(classNames: [String], cases: [CaseEvaluation], failures: [CaseFailure] = []) {
    self.classNames = classNames
    self.cases = cases
    self.failures = failures
  }

  /// The evaluation of these cases and of others with the same classes.
  public func joined(with other: Evaluation) -> Evaluation {
    Evaluation(
      classNames: classNames, cases: cases + other.cases, failures: failures + other.failures)
  }

  /// Over how many cases the distances of a class were measured: one that the prediction misses has none, and a mean over
  /// the others alone says nothing of it.
  public func distanceCount(_ classIndex: Int) -> DistanceCount {
    let present = cases.map(\.classes[classIndex].metrics).filter { $0.trueVolume > 0 }
    return DistanceCount(measured: present.count { $0.hausdorff95.value != nil }, present: present.count)
  }

  /// The mean of a figure of one class over the cases in which it can be measured; nil where there is none.
  public func mean(_ classIndex: Int, _ figure: (ClassEvaluation) -> Double?) -> Double? {
    Segmentation.mean(cases.compactMap { figure($0.classes[classIndex]) })
  }

  /// The median of a figure of one class over the cases in which it can be measured; nil where there is none.
  public func median(_ classIndex: Int, _ figure: (ClassEvaluation) -> Double?) -> Double? {
    let values = cases.compactMap { figure($0.classes[classIndex]) }.sorted()
    return values.isEmpty ? nil : percentile(50, ofSorted: values)
  }

  /// The mean over the foreground classes of a figure's means; nil where no class is there.
  public func foregroundMean(_ figure: EvaluationFigure) -> Double? {
    Segmentation.mean(classNames.indices.compactMap { mean($0, figure.value) })
  }

  /// The mean over the foreground classes of their mean Dice; nil where no class is there.
  public var meanForegroundDice: Double? { foregroundMean(.dice) }

  /// Where the mean of a figure of one class lies with a confidence of 95 %, by bootstrap over the cases; nil where fewer than two
  /// have it.
  public func confidenceInterval(_ classIndex: Int, _ figure: EvaluationFigure) -> ConfidenceInterval? {
    Bootstrap.interval(ofMean: cases.map { figure.value($0.classes[classIndex]) })
  }

  /// The same of the mean over the foreground classes of a figure's means.
  public func foregroundConfidenceInterval(_ figure: EvaluationFigure) -> ConfidenceInterval? {
    Bootstrap.interval(
      ofMeanOverClasses: classNames.indices.map { index in cases.map { figure.value($0.classes[index]) } })
  }

  /// The cases by their mean Dice, the worst first; those without any class last.
  public var casesByDice: [CaseEvaluation] {
    cases.sorted { ($0.meanDice ?? .infinity) < ($1.meanDice ?? .infinity) }
  }

  /// The classes whose mean Dice grows when only their largest component stays.
  public var bestPostprocessing: Postprocessing {
    Postprocessing(
      keepLargest: classNames.indices.filter { index in
        let plain = mean(index, EvaluationFigure.dice.value) ?? 0
        let largest = mean(index) { ($0.largestComponentMetrics ?? $0.metrics).dice.value } ?? 0
        return largest > plain
      }.map { classNames[$0] })
  }

  /// The evaluation of the masks after a postprocessing. Of regions each is taken by itself: where one loses a component,
  /// those within it keep theirs.
  public func applying(_ postprocessing: Postprocessing) -> Evaluation {
    var result = self
    for index in classNames.indices where postprocessing.keepLargest.contains(classNames[index]) {
      for entry in cases.indices {
        if let metrics = cases[entry].classes[index].largestComponentMetrics {
          result.cases[entry].classes[index].metrics = metrics
        }
      }
    }
    return result
  }
}

func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}
