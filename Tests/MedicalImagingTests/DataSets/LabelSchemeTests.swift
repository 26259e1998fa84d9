import Foundation
import MedicalImaging
import Testing

/// Between the values of masks, the indices of labels, and the structures that they show.
@Suite struct LabelSchemeTests {
  private static let gaps = LabelScheme(
    .classes([
      LabelClass(name: "background", value: 0), LabelClass(name: "a", value: 2),
      LabelClass(name: "b", value: 7),
    ]), ignoredValue: 5)
  /// As BraTS before 2023.
  private static let nested = LabelScheme(
    .regions([
      LabelRegion(name: "whole", values: [1, 2, 4], writtenValue: 2),
      LabelRegion(name: "core", values: [1, 4], writtenValue: 1),
      LabelRegion(name: "enhancing", values: [4], writtenValue: 4),
    ]), ignoredValue: 9)

  /// Voxels of 1 x 2 x 3 mm in a row.
  private func row(_ labels: [UInt8]) -> LabelVolume {
    LabelVolume(
      size: GridSize(labels.count, 1, 1), geometry: Geometry(spacing: [1, 2, 3]), labels: labels)
  }

  @Test func valuesBecomeIndicesAndBack() {
    let mask = row([7, 0, 5, 2, 2])
    #expect(mask.indexed(by: Self.gaps)?.labels == [2, 0, 3, 1, 1])
    #expect(row([2, 0, 1, 1]).valued(by: Self.gaps).labels == [7, 0, 2, 2])
    #expect(mask.indexed(by: Self.gaps)?.withoutIgnored(Self.gaps).labels == [2, 0, 0, 1, 1])
    #expect(row([0, 1, 7]).indexed(by: Self.gaps) == nil)
    #expect(row([0, 1, 7]).undeclaredValue(in: Self.gaps) == 1)
    let plain = LabelScheme(classNames: ["background", "a"])
    #expect(row([0, 1]).indexed(by: plain)?.labels == [0, 1])
    #expect(row([2]).indexed(by: plain) == nil)
  }

  @Test func allValuesOfAByte() {
    let scheme = LabelScheme(classNames: (0..<256).map { "\($0)" })
    #expect(row((0...255).map { $0 }).indexed(by: scheme)?.labels == (0...255).map { $0 })
  }

  @Test func structuresOfNestedRegions() {
    #expect(Self.nested.values == [0, 1, 2, 4] && Self.nested.ignoredIndex == 4)
    #expect(Self.nested.structures.map(\.labels) == [[1, 2, 3], [1, 3], [3]])
    #expect(Self.nested.trueOutputs == [[], [0, 1], [0], [0, 1, 2]])
    #expect(Self.nested.writtenLabels == [2, 1, 3])
    #expect(Self.nested.painted(row([0, 1, 2, 3, 4])).labels == [0, 2, 1, 3, 0])
    #expect(Self.gaps.painted(row([0, 1, 2, 3])).labels == [0, 1, 2, 0])
  }

  /// The indices 1, 2, 3 are core, whole and enhancing. A part of the core that is not its largest is whole without core; a
  /// part of the whole that is not its largest is background, whatever it was.
  @Test func largestComponentsOfRegions() {
    let mask = row([2, 1, 1, 2, 3, 2, 0, 1, 3, 0])
    func kept(_ place: Int) -> [UInt8] {
      Self.nested.keepingLargestComponent(of: Self.nested.structures[place], in: mask).labels
    }
    #expect(kept(0) == [2, 1, 1, 2, 3, 2, 0, 0, 0, 0])
    #expect(kept(1) == [2, 1, 1, 2, 2, 2, 0, 2, 2, 0])
    #expect(kept(2) == [2, 1, 1, 2, 3, 2, 0, 1, 1, 0])
    let classes = Self.gaps
    #expect(
      classes.keepingLargestComponent(of: classes.structures[0], in: row([1, 0, 1, 1])).labels == [
        0, 0, 1, 1,
      ])
  }

  /// By voxels: whole 4 of 5 and 4 in common; core 2 and 3, 2; enhancing 1 and 1, none in common. The last voxel is ignored,
  /// where the prediction has the whole.
  @Test func figuresOfRegions() {
    let truth = row([0, 2, 2, 1, 3, 1, 4])
    let prediction = row([0, 2, 2, 3, 1, 0, 2])
    let metrics = Self.nested.metrics(prediction: prediction, truth: truth, of: Self.nested.structures)
    let dice: [Measured] = [.value(8.0 / 9), .value(0.8), .value(0)]
    #expect(metrics.map(\.dice) == dice)
    #expect(metrics.map(\.trueVolume) == [30, 18, 6])
    #expect(metrics.map(\.predictedVolume) == [24, 12, 6])
    #expect(metrics[2].hausdorff95 == .value(1))
  }

  /// Distances, too, are those of masks without what lies in ignored voxels.
  @Test func figuresWithIgnoredVoxels() {
    let truth = row([1, 1, 0, 0, 3, 3])
    let metrics = Self.gaps.metrics(
      prediction: row([1, 1, 0, 0, 0, 1]), truth: truth, of: Self.gaps.structures)
    #expect(metrics[0].dice == .value(1) && metrics[0].hausdorff95 == .value(0))
    #expect(metrics[0].predictedVolume == 12 && metrics[1].dice == .absentInBoth)
  }

  @Test func softDiceOfRegionsAndIgnoredVoxels() {
    var regions = SoftDice(Self.nested)
    regions.add(probabilities: [0.5, 0.25, 0, 1, 1, 0.5, 0.75, 0, 0], labels: [2, 3, 4])
    let sums: [(Double, Double)] = [(3, 3.5), (2, 2.25), (1, 1.5)]
    let expected = sums.map { both, sum in (both + 1e-6) / (sum + 1e-6) }
    for (found, wanted) in zip(regions.values, expected) { #expect(abs(found - wanted) < 1e-12) }
    var classes = SoftDice(Self.gaps)
    classes.add(probabilities: [0.5, 0.5, 0, 0.25, 0.25, 0.5], labels: [1, 3])
    var known = SoftDice(classCount: 3)
    known.add(probabilities: [0.5, 0.5, 0], labels: [1])
    #expect(classes.values == known.values)
  }

  @Test(arguments: [gaps, nested, LabelScheme(classNames: ["background", "a"])])
  func isSavedAsItIs(_ scheme: LabelScheme) throws {
    let data = try JSONEncoder().encode(scheme)
    #expect(try JSONDecoder().decode(LabelScheme.self, from: data) == scheme)
  }

  @Test func wordsTellValuesWhereTheyAreNotTheOrder() {
    #expect("\(LabelScheme(classNames: ["background", "a"]))" == "background, a")
    #expect("\(Self.gaps)" == "background = 0, a = 2, b = 7, ignored = 5")
    #expect(
      "\(Self.nested)"
        == "whole = 1 2 4 (written 2), core = 1 4 (written 1), enhancing = 4 (written 4), ignored = 9")
  }
}
