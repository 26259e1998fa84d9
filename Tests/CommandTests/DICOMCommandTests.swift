import Foundation
import MedicalImaging
import SyntheticDICOM
import Testing

/// `vnet predict` and `vnet inspect` on DICOM series.
@Suite(.serialized) struct DICOMCommandTests {
  private static func program(_ name: String) -> ExternalProgram? {
    ExternalProgram(named: name, program: #filePath)
  }

  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  @Test(
    .enabled(
      if: program("dcm2niix") != nil, "dcm2niix is neither in .deps nor on the PATH: run 'make setup'"))
  func seriesArePredicted() throws {
    let (model, trained) = try sandbox.train(try sandbox.phantom())
    #expect(trained.status == 0, "\(trained.errors)")
    let study = sandbox.path + "/study"
    try SyntheticSeries().write(to: study + "/a")
    try SyntheticSeries(uid: "1.2.2", number: 5, description: "T2").write(to: study + "/b/c")
    try SyntheticSeries(
      uid: "1.2.3", number: 1, description: "scout", imageType: "ORIGINAL\\PRIMARY\\LOCALIZER"
    )
    .write(to: study + "/d")
    // A series that dcm2niix makes nothing of, which does not stop the others.
    try SyntheticSeries(uid: "1.2.4", number: 9, description: "broken", sliceCount: 1).write(to: study + "/e")
    let broken = study + "/e/0"
    let slice = try Data(contentsOf: URL(fileURLWithPath: broken))
    try slice.dropLast(500).write(to: URL(fileURLWithPath: broken))

    let output = sandbox.path + "/masks"
    let predict = ["predict", "--model-dir", model, "--input", study, "--output", output]
    let run = try sandbox.vnet(predict)
    expectRefusal(run, "4 series found", "dcm2niix", "1_scout", "9_broken (CT, 1 file)")
    #expect(run.status == 1 && !(run.errors + run.output).contains("Doe"))
    #expect(try sandbox.files(output) == ["3_T1_axial.nii.gz", "5_T2.nii.gz"])
    let mask = try ImageHeader(contentsOf: output + "/5_T2.nii.gz")
    #expect(mask.size == GridSize(16, 16, 4) && mask.geometry.spacing == [1.25, 1.5, 2.5])

    let one = try sandbox.vnet(predict + ["--series", "1", "--format", "nrrd"])
    #expect(one.status == 0 && one.output.contains("1_scout.nrrd"), "\(one.errors)")
    expectRefusal(try sandbox.vnet(predict + ["--series", "7"]), "--series 7", "3_T1_axial")
    let inspected = try sandbox.vnet("inspect", study)
    #expect(
      inspected.status == 0 && inspected.output.contains("16x16x4, 1 channel(s)"), "\(inspected.errors)")
    #expect(inspected.output.contains("9_broken (CT, 1 file): dcm2niix failed"), "\(inspected.output)")
    // Of a file its series.
    let file = try sandbox.vnet(
      Array(predict.prefix(3)) + ["--input", study + "/a/2", "--output", output + "2"])
    #expect(file.status == 0 && file.output.contains("3_T1_axial.nii.gz\n"), "\(file.errors)")
  }

  @Test(
    .enabled(
      if: program("dcm2niix") != nil && program("itkimage2segimage") != nil,
      "dcm2niix or dcmqi's itkimage2segimage is not there: run 'make setup', 'pip install dcmqi'"))
  func masksAreWrittenAsSegmentationObjects() throws {
    let (model, trained) = try sandbox.train(try sandbox.phantom())
    #expect(trained.status == 0, "\(trained.errors)")
    try SyntheticSeries().write(to: sandbox.path + "/study")
    let output = sandbox.path + "/masks"
    let run = try sandbox.vnet(
      "predict", "--model-dir", model, "--input", sandbox.path + "/study", "--output", output, "--dicom-seg")
    #expect(run.status == 0 && run.errors.contains("itkimage2segimage"), "\(run.errors)")
    let mask = try Image(contentsOf: output + "/3_T1_axial.nii.gz").labelVolume()
    let isEmpty = mask.labels.allSatisfy { $0 == 0 }
    #expect(try sandbox.files(output).contains("3_T1_axial.seg.dcm") != isEmpty)
    #expect(run.errors.contains("the mask is empty") == isEmpty)
  }
}
