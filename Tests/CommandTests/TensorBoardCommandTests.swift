import Foundation
import Testing

/// `vnet train --tensorboard`.
@Suite(.serialized) struct TensorBoardCommandTests {
  @Test(arguments: [false, true])
  func aSliceOfTheValidationIsShownUnlessPicturesAreLeftOut(_ leavesOut: Bool) throws {
    let sandbox = try Sandbox()
    let data = try sandbox.phantom()
    let (model, run) = try sandbox.train(
      data, "--tensorboard", leavesOut ? "--no-pictures" : "--no-augment")
    #expect(run.status == 0, "\(run.errors)")
    let name = try #require(try sandbox.files(model + "/tensorboard").first)
    let events = try Data(contentsOf: URL(fileURLWithPath: "\(model)/tensorboard/\(name)"))
    let holdsPicture = events.range(of: Data("\u{89}PNG".unicodeScalars.map { UInt8($0.value) })) != nil
    #expect(holdsPicture == !leavesOut)
    #expect((events.range(of: Data("validation_slice/phantom_".utf8)) != nil) == !leavesOut)
  }

  @Test func leavingOutWhatIsNotThereIsRefused() throws {
    let sandbox = try Sandbox()
    let data = try sandbox.phantom()
    expectRefusal(try sandbox.train(data, "--no-pictures").run, "--evaluate", "--tensorboard")
  }
}
