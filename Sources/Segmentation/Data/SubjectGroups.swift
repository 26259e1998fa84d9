import MedicalImaging

/// Cases in groups of one subject each, so that a division never puts scans of one person on both sides.
struct SubjectGroups {
  /// Each sorted by the cases' names; the groups by their first.
  let groups: [[Case]]

  /// Cases without a subject are one by themselves.
  init(_ cases: [Case]) {
    self.init(cases) { $0.subject }
  }

  /// - Parameter pattern: a regular expression whose first group is the subject in a case's name; nil for what the data set says.
  /// - Throws: `DatasetError.option` for a pattern that is none, has no group or does not fit, or where the data set lists
  ///   subjects already.
  init(_ dataset: Dataset, pattern: String?) throws {
    guard let pattern else {
      self.init(dataset.training)
      return
    }
    guard dataset.training.allSatisfy({ $0.subject == nil }) else {
      throw DatasetError.option(.subjectsAreListed(path: dataset.descriptionPath))
    }
    let subjects = try SubjectPattern(pattern).subjects(of: dataset.training)
    self.init(dataset.training) { subjects[$0.name] }
  }

  private init(_ cases: [Case], subject: (Case) -> String?) {
    var groups: [String: [Case]] = [:]
    var alone: [[Case]] = []
    for entry in cases.sorted(by: { $0.name < $1.name }) {
      if let subject = subject(entry) {
        groups[subject, default: []].append(entry)
      } else {
        alone.append([entry])
      }
    }
    self.groups = (groups.values + alone).sorted { $0[0].name < $1[0].name }
  }

  var caseCount: Int { groups.reduce(0) { $0 + $1.count } }

  /// Whether some subject has several cases.
  var joinsCases: Bool { groups.contains { $0.count > 1 } }

  /// - Throws: `DatasetError.splits` for a division with scans of one subject on both sides.
  func requireUndivided(by splits: Splits) throws(DatasetError) {
    for (index, part) in splits.parts.enumerated() {
      let (training, validation) = (Set(part.training), Set(part.validation))
      for group in groups where group.count > 1 {
        guard let own = group.first(where: { training.contains($0.name) }),
          let other = group.first(where: { validation.contains($0.name) })
        else { continue }
        throw .splits(
          path: splits.origin,
          .subjectInBothParts(training: own.name, validation: other.name, index: index))
      }
    }
  }
}

/// A regular expression that finds the subject in the name of a case.
public struct SubjectPattern {
  private let text: String
  private let regex: Regex<AnyRegexOutput>

  /// - Throws: `DatasetError.option`.
  public init(_ text: String) throws {
    self.text = text
    do {
      regex = try Regex(text)
    } catch {
      throw DatasetError.option(.subjectPattern(text, reason: "it is no regular expression"))
    }
  }

  /// The subjects of cases by the cases' names.
  func subjects(of cases: [Case]) throws -> [String: String] {
    var subjects: [String: String] = [:]
    for entry in cases {
      guard let match = entry.name.firstMatch(of: regex) else { continue }
      guard match.output.count > 1 else {
        throw DatasetError.option(.subjectPattern(text, reason: "it has no group in parentheses"))
      }
      subjects[entry.name] = match.output[1].substring.map(String.init)
    }
    let missing = cases.map(\.name).filter { subjects[$0]?.isEmpty ?? true }
    guard missing.isEmpty else { throw DatasetError.option(.noSubject(pattern: text, names: missing)) }
    return subjects
  }
}
