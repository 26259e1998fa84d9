import Foundation
import MedicalImaging
import Testing

/// "labels" of a dataset.json: classes, regions, ignored voxels, and what is refused.
@Suite struct LabelDescriptionTests {
  private func labels(_ labels: String, order: String? = nil) throws -> LabelScheme {
    let folder = try TemporaryFolder()
    let entries = ["\"labels\": \(labels)"] + (order.map { ["\"regions_class_order\": \($0)"] } ?? [])
    try folder.write(
      """
      {"name": "x \\"labels\\": {", "note": [{"labels": {"a": 1}}], \(entries.joined(separator: ", ")),
       "channel_names": {"0": "MRI"}, "training": [{"image": "a.nii", "label": "b.nii"}]}
      """.utf8, to: "dataset.json")
    return try Dataset(folder: folder.path).labels
  }

  private func error(_ text: String, order: String? = nil) throws -> LabelError? {
    do {
      _ = try labels(text, order: order)
      return nil
    } catch DatasetError.label(let path, let error) {
      #expect(isOneSentence("\(DatasetError.label(path: path, error))"), "\(error)")
      return error
    }
  }

  // MARK: What is read

  @Test(arguments: [#"{"0": "background", "4": "b", "2": "a"}"#, #"{"background": 0, "b": "4", "a": 2}"#])
  func valuesWithGaps(_ text: String) throws {
    let scheme = try labels(text)
    #expect(scheme == LabelScheme(names: [0: "background", 2: "a", 4: "b"]))
    #expect(scheme.outputNames == ["background", "a", "b"] && scheme.values == [0, 2, 4])
    #expect(scheme.structures.map(\.name) == ["a", "b"] && scheme.structures.map(\.labels) == [[1], [2]])
    #expect((0..<6).filter(scheme.declares) == [0, 2, 4] && scheme.ignoredIndex == nil)
  }

  @Test func whatIsIgnoredIsNoClass() throws {
    let scheme = try labels(#"{"background": 0, "a": 1, "b": 2, "ignore": 3}"#)
    #expect(scheme.outputNames == ["background", "a", "b"] && scheme.ignoredValue == 3)
    #expect(scheme.ignoredIndex == 3 && scheme.declares(3) && !scheme.declares(4))
    #expect(try labels(#"{"0": "background", "1": "a", "255": "ignore"}"#).ignoredIndex == 2)
  }

  /// The regions are in the file's order, to which "regions_class_order" belongs.
  @Test(arguments: [
    (
      #""whole": [1, 2, 3, 4], "core": [4, 1, 3], "enhancing": 4"#, "[2, 1, 4]",
      ["whole", "core", "enhancing"]
    ),
    (
      #""enhancing": 4, "whole": [1, 2, 3, 4], "core": [1, 3, 4]"#, "[4, 2, 1]",
      ["enhancing", "whole", "core"]
    ),
  ])
  func regionsInTheFilesOrder(_ regions: String, _ order: String, _ names: [String]) throws {
    let scheme = try labels("{\"background\": 0, \(regions)}", order: order)
    let known: [String: LabelRegion] = [
      "whole": LabelRegion(name: "whole", values: [1, 2, 3, 4], writtenValue: 2),
      "core": LabelRegion(name: "core", values: [1, 3, 4], writtenValue: 1),
      "enhancing": LabelRegion(name: "enhancing", values: [4], writtenValue: 4),
    ]
    #expect(scheme.form == .regions(names.map { known[$0]! }))
    #expect(scheme.values == [0, 1, 2, 3, 4] && scheme.outputNames == names)
  }

  @Test func regionsWithIgnoredVoxels() throws {
    let scheme = try labels(#"{"ignore": 9, "whole": [2, 5], "background": [0]}"#, order: "[5]")
    #expect(scheme.values == [0, 2, 5] && scheme.ignoredIndex == 3 && scheme.trueOutputs == [[], [0], [0]])
    #expect(scheme.writtenLabels == [2])
  }

  /// Keys may be written with escapes, and texts may look like keys.
  @Test func keysOfAnyForm() throws {
    #expect(
      try labels(#"{"backgr\u006fund": 0, "a\"}{": 1, "\u00e9, b": 2}"#).outputNames
        == ["background", "a\"}{", "\u{e9}, b"])
  }

  // MARK: What is refused

  @Test func equalAndEmptyNames() throws {
    #expect(
      try error(#"{"0": "background", "1": "tumour", "2": "tumour "}"#)
        == .equalNames(name: "tumour", values: [1, 2]))
    for text in [
      #"{"background": 0, "tumour": 1, "tumour": 2}"#, #"{"0": "background", "1": "a", "1": "b"}"#,
    ] {
      let error = #expect(throws: DatasetError.self) { try labels(text) }
      #expect("\(error.map(String.init(describing:)) ?? "")".contains("is there twice"))
    }
    #expect(try error(#"{"0": "background", "2": " "}"#) == .unnamed(value: 2))
    #expect(try error(#"{"background": 0, "": 1}"#) == .unnamed(value: 1))
  }

  @Test func equalValues() throws {
    #expect(
      try error(#"{"background": 0, "a": 1, "b": 1}"#) == .equalValues(value: 1, names: ["a", "b"]))
    #expect(
      try error(#"{"background": 0, "a": 1, "ignore": 1}"#) == .equalValues(value: 1, names: ["a", "ignore"]))
    #expect(try error(#"{"background": 0, "a": 1, "ignore": 0}"#) == .ignoredValue([0]))
    #expect(try error(#"{"background": 0, "a": 1, "ignore": [2, 3]}"#) == .ignoredValue([2, 3]))
  }

  @Test func theBackgroundIsZero() throws {
    #expect(try error(#"{"a": 0, "background": 1, "b": 2}"#) == .backgroundValue([1]))
    #expect(try error(#"{"0": "a", "1": "Background"}"#) == .backgroundValue([1]))
    #expect(try error(#"{"1": "a", "2": "b"}"#) == .noBackground(values: [1, 2]))
    #expect(
      try error(#"{"background": 0, "a": [0, 1]}"#, order: "[1]") == .backgroundInRegion("a"))
    #expect(
      try error(#"{"background": 0, "none": 0, "a": [1, 2]}"#, order: "[1]")
        == .equalValues(value: 0, names: ["background", "none"]))
    #expect(try labels(#"{"0": "clear", "1": "a"}"#).outputNames == ["clear", "a"])
  }

  @Test func ordersOfRegions() throws {
    let text = #"{"background": 0, "whole": [1, 2], "core": 2}"#
    let names = ["whole", "core"]
    for order in [nil, "7", "null"] {
      #expect(try error(text, order: order) == .noRegionOrder(regions: names))
    }
    for (order, count) in [("[1]", 1), ("[0, 1, 2]", 3), ("[1, 2.5]", 2), ("[1, 256]", 2)] {
      #expect(try error(text, order: order) == .wrongRegionOrder(regions: names, count: count))
    }
    #expect(
      try error(text, order: "[1, 1]") == .regionWritesOther(region: "core", value: 1, values: [2]))
  }
}
