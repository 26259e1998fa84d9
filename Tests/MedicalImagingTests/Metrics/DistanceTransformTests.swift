import MedicalImaging
import SeededRandom
import Testing

@Suite struct DistanceTransformTests {
  @Test(arguments: DistanceGolden.all)
  func distancesEqualSciPys(_ golden: DistanceGolden) {
    let transform = DistanceTransform(from: golden.markedVoxels, size: golden.grid, spacing: golden.spacing)
    #expect(transform.squaredDistances.count == golden.distances.count)
    for (position, (ours, expected)) in zip(transform.squaredDistances, golden.distances).enumerated() {
      #expect(abs(ours.squareRoot() - expected) < 1e-9, "voxel \(position)")
    }
  }

  @Test(arguments: [
    (GridSize(7, 6, 5), [1.0, 1, 1], 5), (GridSize(9, 4, 6), [0.3, 2.5, 1.7], 3),
    (GridSize(1, 8, 3), [4, 0.5, 1], 2), (GridSize(12, 1, 1), [0.7, 1, 1], 4),
    (GridSize(5, 5, 5), [3, 1, 9], 60),
  ])
  func distancesEqualBruteForce(_ size: GridSize, _ spacing: [Double], _ count: Int) {
    var generator = SplitMix64(seed: UInt64(count))
    let voxels = (0..<count).map { _ in Int.random(in: 0..<size.count, using: &generator) }
    let transform = DistanceTransform(from: voxels, size: size, spacing: spacing)
    for position in 0..<size.count {
      let nearest = voxels.map { squaredDistance(position, $0, size, spacing) }.min()
      #expect(abs(transform.squaredDistances[position] - (nearest ?? .infinity)) < 1e-9)
    }
  }

  @Test func nothingToMeasureFromIsInfinitelyFar() {
    let transform = DistanceTransform(from: [], size: GridSize(3, 2, 2), spacing: [1, 1, 1])
    #expect(transform.squaredDistances == Array(repeating: .infinity, count: 12))
  }

  private func squaredDistance(_ a: Int, _ b: Int, _ size: GridSize, _ spacing: [Double]) -> Double {
    func index(_ position: Int) -> [Int] {
      [position % size.i, position / size.i % size.j, position / (size.i * size.j)]
    }
    let differences = zip(zip(index(a), index(b)), spacing).map { Double($0.0 - $0.1) * $1 }
    return differences.reduce(0) { $0 + $1 * $1 }
  }
}
