import Foundation
import MedicalImaging
import Testing

/// What a command may take in memory, and what it says where that is too little.
@Suite(.serialized) struct MemoryCommandTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  /// The sentence says how much is needed and how much is left; nothing is begun.
  @Test(arguments: ["train", "predict"]) func aNetworkThatDoesNotFitIsRefusedWithNumbers(_ mode: String)
    throws
  {
    let run = try CommandRun(
      script: "ulimit -v 400000; exec $VNET benchmark --mode \(mode) --filters 4 --batch-size 1 --threads 1 "
        + "--input-shape 256 256 256 --steps 1 --warmup-steps 0 --device cpu --exact-convolution",
      in: sandbox.path)
    expectRefusal(run, "MiB of memory", "may take", "ulimit -v")
  }

  /// Threads that the machine has no processors for are not started, and take no stacks: these would take 4 GiB.
  @Test(
    .enabled(if: ProcessInfo.processInfo.activeProcessorCount <= 128, "has processors for so many threads"))
  func threadsBeyondTheProcessorsTakeNoMemory() throws {
    let run = try CommandRun(
      script: "ulimit -v 3000000; exec $VNET benchmark --filters 4 --batch-size 1 --threads 512 "
        + "--input-shape 16 16 16 --steps 1 --warmup-steps 0 --device cpu",
      in: sandbox.path)
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test func whereTheProgramItselfHasNoRoomThatIsSaid() throws {
    let run = try CommandRun(script: "ulimit -v 120000; exec $VNET --version", in: sandbox.path)
    expectRefusal(run, "MiB of memory", "ulimit -v")
  }

  /// How a scan lies in its file.
  struct Form: CustomTestStringConvertible {
    let type: VoxelType
    let suffix: String
    /// Whether i runs up and k to the right.
    let isReversed: Bool

    init(_ type: VoxelType, _ suffix: String, isReversed: Bool = false) {
      (self.type, self.suffix, self.isReversed) = (type, suffix, isReversed)
    }

    var testDescription: String { "\(type)\(suffix)\(isReversed ? ", axes reversed" : "")" }
  }

  /// A cube of zeros and ones along an axis, whose field of view is 32 mm: for the network one grid, whatever its extent.
  private func cube(_ extent: Int, _ form: Form) throws -> String {
    let size = GridSize(extent, extent, extent)
    let spacing = 32 / Double(extent)
    let affine = (0..<3).map { row in
      (0..<3).map { $0 == (form.isReversed ? 2 - row : row) ? spacing : 0 } + [0]
    }
    let geometry = Geometry(spacing: [spacing, spacing, spacing], affine: affine)
    let scan = Volume(size: size, geometry: geometry, voxels: (0..<size.count).map { Float($0 & 1) })
    let header = ImageHeader(size: size, geometry: geometry, voxelType: form.type, format: .nifti)
    let path = "\(sandbox.path)/\(extent)\(form.suffix)"
    for file in try ImageFormat.nifti.files(of: scan, like: header, as: form.type, at: path) {
      try file.write()
    }
    return path
  }

  @Test(arguments: [
    Form(.uint8, ".nii.gz"), Form(.int64, ".nii.gz"), Form(.float64, ".nii"),
    Form(.float64, ".nii", isReversed: true),
  ])
  func aScanTakesAtMostSixBytesForEachVoxel(_ form: Form) throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    // The smaller has more voxels than are predicted at once.
    let extents = [128, 192]
    let peaks = try extents.map { extent in
      let run = try CommandRun(
        script:
          "$VNET predict --model-dir model --input \(try cube(extent, form)) --output masks --threads 1 --device cpu & "
          + "while kill -0 $! 2>/dev/null; do grep VmHWM /proc/$!/status 2>/dev/null; sleep 0.02; done; wait $!",
        in: sandbox.path)
      #expect(run.status == 0, "\(run.errors)")
      let figures = run.output.split(separator: "\n").filter { $0.hasPrefix("VmHWM") }
      return try #require(figures.compactMap { Int($0.filter(\.isNumber)) }.max()) * 1024
    }
    let counts = extents.map { $0 * $0 * $0 }
    #expect(model == sandbox.path + "/model")
    #expect(Double(peaks[1] - peaks[0]) / Double(counts[1] - counts[0]) <= 6)
  }
}
