import Foundation
import Testing

/// Data sets as a user has them: each layout, the divisions of cases, and `vnet help data`.
@Suite(.serialized) struct DataTests {
  private func vnet(_ arguments: [String]) throws -> CommandRun { try CommandRun(arguments) }

  /// A phantom, whose files the tests arrange in other layouts.
  private func phantom(_ folder: String) throws -> String {
    let run = try vnet(["phantom", "--output", folder + "/data", "--cases", "6", "--seed", "1"])
    #expect(run.status == 0, "\(run.errors)")
    return folder + "/data"
  }

  private func write(_ text: String, _ path: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  private func train(_ data: [String], _ model: String, _ more: [String] = []) throws -> CommandRun {
    try vnet(
      ["train"] + data + ["--model-dir", model, "--filters", "4", "--input-shape", "16", "16", "16"]
        + ["--epochs", "1"] + more)
  }

  // MARK: Layouts

  @Test func helpShowsFormatsAndLayouts() throws {
    for arguments in [["help", "data"], ["data"], ["data", "--help"]] {
      let run = try vnet(arguments)
      #expect(run.status == 0, "\(run.errors)")
      for text in [
        ".nii.gz", ".nrrd", "MSD form", "nnU-Net form", "imagesTr/CASE_0000.nii.gz", "--data-list cases.csv",
        "--images scans --labels masks", "splits_final.json", "case_00000/imaging.nii.gz is case_00000",
      ] {
        #expect(run.output.contains(text), "\(text)")
      }
      #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(run.output)")
    }
    #expect(!(try vnet(["--help"]).output.contains("Formats of images, layouts")))
  }

  /// The same scans and masks in every layout: found, verified, trained with, measured, predicted.
  @Test func everyLayout() throws {
    try withFolder { folder in
      let data = try phantom(folder)
      let images = try FileManager.default.contentsOfDirectory(atPath: data + "/imagesTr").sorted()
      try write(
        "image;label;subject\r\n"
          + images.map { "data/imagesTr/\($0);data/labelsTr/\($0);\($0.dropLast(7))\r\n" }.joined(),
        folder + "/cases.csv")
      try makeRaw(folder + "/raw", of: data, images)
      let forms: [(name: String, options: [String])] = [
        ("MSD form: 6 cases with masks, 2 without", ["--data-dir", data]),
        ("nnU-Net form: 6 cases with masks, 0 without", ["--data-dir", folder + "/raw"]),
        (
          "folders of scans and masks: 6 cases with masks",
          ["--images", data + "/imagesTr", "--labels", data + "/labelsTr"]
        ),
        ("list of cases: 6 cases with masks", ["--data-list", folder + "/cases.csv"]),
      ]
      for (index, form) in forms.enumerated() {
        let verified = try vnet(["verify"] + form.options)
        #expect(
          verified.status == 0 && verified.output.hasPrefix(form.name), "\(verified.output)\(verified.errors)"
        )
        #expect(verified.output.contains("0 errors, 0 warnings"), "\(verified.output)")
        let model = folder + "/m\(index)"
        let trained = try train(form.options, model)
        #expect(trained.status == 0 && trained.output.hasPrefix(form.name), "\(trained.errors)")
        let evaluated = try vnet(["evaluate", "--model-dir", model] + form.options)
        #expect(evaluated.status == 0 && evaluated.output.hasPrefix(form.name), "\(evaluated.errors)")
        let inspect = form.options[0] == "--data-dir" ? [form.options[1]] : form.options
        let inspected = try vnet(["inspect"] + inspect)
        #expect(inspected.status == 0 && inspected.output.contains(form.name), "\(inspected.errors)")
      }
      for input in [folder + "/raw", folder + "/raw/imagesTr", folder + "/cases.csv", data] {
        let masks = folder + "/masks-\(UUID().uuidString)"
        let run = try vnet(["predict", "--model-dir", folder + "/m1", "--input", input, "--output", masks])
        #expect(run.status == 0, "\(run.errors)")
        let names = try FileManager.default.contentsOfDirectory(atPath: masks)
        #expect(
          names.count == (input == data ? 2 : 6) && !names.contains { $0.contains("_0000") }, "\(names)")
      }
    }
  }

  /// The phantom in nnU-Net's raw form.
  private func makeRaw(_ raw: String, of data: String, _ images: [String]) throws {
    let files = FileManager.default
    try files.createDirectory(atPath: raw + "/imagesTr", withIntermediateDirectories: true)
    for image in images {
      let scan = image.replacingOccurrences(of: ".nii.gz", with: "_0000.nii.gz")
      try files.copyItem(atPath: data + "/imagesTr/" + image, toPath: raw + "/imagesTr/" + scan)
    }
    try files.copyItem(atPath: data + "/labelsTr", toPath: raw + "/labelsTr")
    try write(
      """
      {"channel_names": {"0": "MRI"}, "labels": {"background": 0, "Anterior": 1, "Posterior": 2},
       "file_ending": ".nii.gz", "numTraining": 6}
      """, raw + "/dataset.json")
  }

  @Test func foldersOfNoLayoutAreSaidToBe() throws {
    try withFolder { folder in
      for command in [["verify"], ["train", "--model-dir", folder + "/m"]] {
        expectRefusal(try vnet(command + ["--data-dir", folder + "/none"]), "no such folder")
      }
      let unknown = try vnet(["verify", "--data-dir", folder])
      expectRefusal(unknown, folder, "MSD", "nnU-Net", "images/", "dataset.csv", "vnet help data")
      #expect(!unknown.errors.contains("no such file"))
      expectRefusal(try vnet(["verify"]), "--data-dir", "--images", "--data-list")
      let data = try phantom(folder)
      let scan = data + "/imagesTs/phantom_007.nii.gz"
      expectRefusal(try vnet(["inspect", scan, "--classes", "a,b"]), "--classes", "a scan")
      expectRefusal(
        try vnet(["verify", "--data-dir", data, "--classes", "background,x"]), "--classes", "dataset.json")
      expectRefusal(try vnet(["verify", "--data-dir", scan]), "is a file", "--data-list")
    }
  }

  /// Each case is one file in a folder of its own, all files have one name.
  @Test func filesOfOneNameAreCasesOfTheirOwn() throws {
    try withFolder { folder in
      let data = try phantom(folder)
      var pairs: [String] = []
      for (index, number) in ["001", "002", "003"].enumerated() {
        let parent = "\(folder)/kits/case_0000\(index)"
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        for (part, name) in [("imagesTr", "imaging"), ("labelsTr", "segmentation")] {
          try FileManager.default.copyItem(
            atPath: "\(data)/\(part)/phantom_\(number).nii.gz", toPath: "\(parent)/\(name).nii.gz")
        }
        pairs.append(
          #"{"image": "case_0000\#(index)/imaging.nii.gz", "label": "case_0000\#(index)/segmentation.nii.gz"}"#
        )
      }
      try write(
        """
        {"modality": {"0": "MRI"}, "labels": {"0": "background", "1": "a", "2": "b"},
         "training": [\(pairs.joined(separator: ", "))]}
        """, folder + "/kits/dataset.json")
      #expect(try train(["--data-dir", folder + "/kits"], folder + "/m").status == 0)
      let evaluated = try vnet(
        ["evaluate", "--data-dir", folder + "/kits", "--model-dir", folder + "/m", "--split", "all"])
      for index in 0..<3 { #expect(evaluated.output.contains("case_0000\(index)"), "\(evaluated.output)") }
      try FileManager.default.removeItem(atPath: folder + "/kits/case_00001")
      let missing = try train(["--data-dir", folder + "/kits"], folder + "/n")
      expectRefusal(missing, "2 files of its cases are not there", "case_00001")
      #expect(!FileManager.default.fileExists(atPath: folder + "/n"))
    }
  }

  // MARK: Divisions

  @Test func splitsOfAFile() throws {
    try withFolder { folder in
      let data = ["--data-dir", try phantom(folder)]
      let model = folder + "/m"
      let splits = folder + "/splits_final.json"
      try write(
        """
        [{"train": ["phantom_001", "phantom_002"], "val": ["phantom_003"]},
         {"train": ["phantom_004"], "val": ["phantom_005", "phantom_006"]}]
        """, splits)
      expectRefusal(try train(data, model, ["--splits", splits]), "2 divisions", "--folds 2", "--fold 0")
      expectRefusal(try train(data, model, ["--splits", splits, "--folds", "3"]), "2 divisions", "--folds 2")
      expectRefusal(try train(data, model, ["--splits", splits, "--fold", "2"]), "--fold 2")
      let first = try train(data, model, ["--splits", splits, "--fold", "0"])
      #expect(first.status == 0, "\(first.errors)")
      #expect(
        first.output.contains("2 cases train, 1 validates") && first.output.contains("divided by \(splits)"))
      #expect(first.errors.contains("phantom_004, phantom_005, phantom_006"), "\(first.errors)")
      let inspected = try vnet(["inspect", model + "/fold-0"])
      #expect(inspected.output.contains("division     by \(splits), division 0 of 2"), "\(inspected.output)")
      // The other fold begins with the division of the first, without the file.
      try FileManager.default.removeItem(atPath: splits)
      let resumed = try vnet(["train"] + data + ["--model-dir", model, "--folds", "2", "--resume"])
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(resumed.output.contains("1 case trains, 2 validate"), "\(resumed.output)")
      let evaluated = try vnet(["evaluate"] + data + ["--model-dir", model])
      #expect(
        evaluated.status == 0 && evaluated.output.contains("out of fold, 3 cases"), "\(evaluated.errors)")
    }
  }

  @Test func columnsOfTheList() throws {
    try withFolder { folder in
      _ = try phantom(folder)
      let rows = (1...6).map { number in
        let file = "Tr/phantom_00\(number).nii.gz"
        let part = ["train", "train", "train", "val", "test", ""][number - 1]
        return "data/images\(file),data/labels\(file),\(number % 2),\(part)"
      }
      let list = folder + "/cases.csv"
      try write("image,label,fold,split\n" + rows.joined(separator: "\n"), list)
      let data = ["--data-list", list]
      let trained = try train(data, folder + "/m")
      #expect(
        trained.status == 0 && trained.output.contains("3 cases train, 1 validates"), "\(trained.errors)")
      #expect(trained.output.contains("divided by column \"split\" of \(list)"))
      #expect(trained.errors.contains("phantom_006"), "\(trained.errors)")
      let tested = try vnet(["evaluate"] + data + ["--model-dir", folder + "/m", "--split", "test"])
      #expect(tested.status == 0 && tested.output.contains("phantom_005"), "\(tested.errors)")
      let random = try train(data, folder + "/r", ["--train-split", "0.6"])
      #expect(random.errors.contains("column \"split\"") && random.errors.contains("--train-split"))
      #expect(random.output.contains("3 cases train, 2 validate"), "\(random.output)")
      let folds = try train(data, folder + "/f", ["--folds", "2", "--fold", "1"])
      #expect(folds.output.contains("3 cases train, 2 validate"), "\(folds.output)\(folds.errors)")
      expectRefusal(try train(data, folder + "/g", ["--folds", "3"]), "2 divisions", "--folds 2")
    }
  }

  @Test func subjectsByTheNamesOfCases() throws {
    try withFolder { folder in
      let data = ["--data-dir", try phantom(folder)]
      let pattern = ["--subject-pattern", "phantom_00([12]|[3-6])"]
      let trained = try train(data, folder + "/m", pattern)
      #expect(trained.status == 0, "\(trained.errors)")
      expectRefusal(try train(data, folder + "/n", ["--subject-pattern", "^(x)"]), "phantom_001", "^(x)")
      let other = try vnet(
        ["train"] + data + [
          "--model-dir", folder + "/m", "--resume", "--epochs", "2", "--subject-pattern", "(1)",
        ])
      expectRefusal(other, "--subject-pattern (1)", "phantom_00")
    }
  }
}
