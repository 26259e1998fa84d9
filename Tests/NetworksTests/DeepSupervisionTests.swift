import Networks
import TensorGraph
import Testing

@Suite struct DeepSupervisionTests {
  /// Two resolutions of one axis of 4 and 2 voxels (8 voxels in all, then 1): the coarser labels are every second voxel's,
  /// and the coarser loss counts a third, where the finer one counts two.
  @Test func coarserLossesCountHalfAndSeeTheFirstVoxels() throws {
    var builder = GraphBuilder(name: "supervision")
    let fine = builder.parameter("fine", .input, TensorType(.f32, [1, 2, 2, 4, 2]))
    let coarse = builder.parameter("coarse", .input, TensorType(.f32, [1, 1, 1, 2, 2]))
    let labels = builder.parameter("labels", .label, TensorType(.i32, [1, 2, 2, 4]))
    let forward = ForwardPass(logits: fine, coarserLogits: [coarse], parameters: [])
    builder.output("loss", try builder.loss(.crossEntropy(), of: forward, labels: labels))
    builder.output("fine", try builder.loss(.crossEntropy(), logits: fine, labels: labels))
    // The first voxels of the two cubes are the voxels 0 and 2 of the first row.
    let first: [Float] = [1, 0, 0, 1]
    let inputs = [
      "fine": Tensor([1, 2, 2, 4, 2], (0..<32).map { Float($0 % 5) / 5 }),
      "coarse": Tensor([1, 1, 1, 2, 2], [0.1, 0.9, -0.3, 0.4]),
      "labels": Tensor(TensorType(.i32, [1, 2, 2, 4]), first + [Float](repeating: 1, count: 12)),
    ]
    let found = try Interpreter().run(builder.graph, inputs).mapValues { $0.elements[0] }
    // Labels 1 and 0: (log(1 + e^-0.8) + log(1 + e^0.7)) / 2.
    let coarser: Float = (0.371_101 + 1.103_186) / 2
    #expect(abs(found["loss"]! - (2 * found["fine"]! + coarser) / 3) < 1e-5)
  }
}
