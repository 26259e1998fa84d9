import Foundation
import MedicalImaging
import Testing

/// `vnet predict`: formats, names, voxels that are not a number.
@Suite(.serialized) struct PredictionCommandTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  @Test func masksAreWrittenInAnyFormat() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let scans = data + "/imagesTs"
    let names = try sandbox.files(scans)
    try FileManager.default.moveItem(atPath: "\(scans)/\(names[0])", toPath: scans + "/A.NII.GZ")
    let predict = ["predict", "--model-dir", model, "--input", scans, "--probabilities", "--output"]
    let own = sandbox.path + "/own"
    #expect(try sandbox.vnet(predict + [own]).status == 0)
    #expect(try sandbox.files(own).contains("A.NII.GZ"))
    let expected = try Image(contentsOf: own + "/A.NII.GZ").labelVolume()
    for (word, mask, probabilities) in [
      ("metaimage", "A.mha", "A_probabilities.mha"), (".nhdr", "A.nhdr", "A_probabilities.nhdr"),
      ("nifti-pair", "A.hdr", "A_probabilities.hdr"), ("NII", "A.NII", "A_probabilities.NII"),
    ] {
      let folder = "\(sandbox.path)/\(word)"
      let run = try sandbox.vnet(predict + [folder, "--format", word])
      #expect(run.status == 0, "\(run.errors)")
      let found = try Image(contentsOf: "\(folder)/\(mask)").labelVolume()
      #expect(found.labels == expected.labels && found.size == expected.size)
      #expect(expected.geometry.difference(from: found.geometry).summary == nil)
      #expect(try ImageHeader(contentsOf: "\(folder)/\(probabilities)").channelCount == 3)
    }
    expectRefusal(try sandbox.vnet(predict + [sandbox.path + "/p", "--format", "png"]), "--format")
    expectRefusal(try sandbox.vnet(predict + [sandbox.path + "/p", "--dicom-seg"]), "--dicom-seg")
    expectRefusal(try sandbox.vnet(predict + [sandbox.path + "/p", "--series", "1"]), "--series")

    try FileManager.default.moveItem(
      atPath: "\(scans)/\(names[1])", toPath: scans + "/A_probabilities.nii.gz")
    expectRefusal(try sandbox.vnet(predict + [sandbox.path + "/p"]), "A_probabilities", "--probabilities")
    #expect(!FileManager.default.fileExists(atPath: sandbox.path + "/p"))
  }

  /// Puts not-a-number into the corner of every scan of a folder.
  private func spoil(_ folder: String, with value: Float = .nan) throws {
    for name in try sandbox.files(folder) {
      let path = "\(folder)/\(name)"
      let image = try Image(contentsOf: path)
      var volume = image.volume()
      volume.voxels[0] = value
      for file in try image.header.format.files(of: volume, like: image.header, at: path) { try file.write() }
    }
  }

  @Test func voxelsThatAreNotANumberAreReplacedWhereThatIsAskedFor() throws {
    let data = try sandbox.phantom()
    try spoil(data + "/imagesTr")
    try spoil(data + "/imagesTs")
    expectRefusal(try sandbox.train(data).run, "not a number", "--nan-as 0")
    let verified = try sandbox.vnet("verify", "--data-dir", data)
    #expect(verified.status == 1 && verified.output.contains("--nan-as 0"))
    let replaced = try sandbox.vnet("verify", "--data-dir", data, "--nan-as", "-5")
    #expect(replaced.status == 0, "\(replaced.output)")
    let (model, trained) = try sandbox.train(data, "--nan-as", "-5")
    #expect(trained.status == 0, "\(trained.errors)")
    // The model remembers it.
    let predict = [
      "predict", "--model-dir", model, "--input", data + "/imagesTs", "--output", sandbox.path + "/o",
    ]
    #expect(try sandbox.vnet(predict).status == 0)
    let evaluate = ["evaluate", "--data-dir", data, "--model-dir", model]
    #expect(try sandbox.vnet(evaluate).status == 0)
    let other = try sandbox.vnet(
      "train", "--data-dir", data, "--model-dir", model, "--epochs", "2", "--resume", "--nan-as", "0")
    expectRefusal(other, "--nan-as 0", "-5")
    try spoil(data + "/imagesTs", with: .infinity)
    expectRefusal(try sandbox.vnet(predict + ["--nan-as", "0"]), "infinite")
    expectRefusal(try sandbox.vnet(predict + ["--nan-as", "nan"]), "--nan-as")
  }
}
