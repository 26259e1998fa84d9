import MedicalImaging
import Testing

@Suite struct NetworkOrderTests {
  /// Each voxel says where it is: 1000 c + 100 i + 10 j + k.
  private let size = GridSize(2, 3, 4)
  private var volume: Volume {
    var voxels: [Float] = []
    for c in 0..<2 {
      for k in 0..<size.k {
        for j in 0..<size.j {
          for i in 0..<size.i { voxels.append(Float(1000 * c + 100 * i + 10 * j + k)) }
        }
      }
    }
    return Volume(size: size, channelCount: 2, geometry: Geometry(spacing: [1, 2, 3]), voxels: voxels)
  }

  @Test func theChannelIsFastestAndISlowest() {
    let elements = volume.networkOrdered
    for i in 0..<size.i {
      for j in 0..<size.j {
        for k in 0..<size.k {
          for c in 0..<2 {
            let position = ((i * size.j + j) * size.k + k) * 2 + c
            #expect(elements[position] == Float(1000 * c + 100 * i + 10 * j + k))
          }
        }
      }
    }
  }

  @Test func thereAndBackIsTheSameVolume() {
    let elements = [-1] + volume.networkOrdered + [-1]
    let back = Volume(
      size: size, channelCount: 2, geometry: volume.geometry,
      networkOrdered: elements[1..<elements.count - 1])
    #expect(back == volume)
  }

  @Test func labelsAreOrderedAsTheScan() {
    let scan = Volume(
      size: size, geometry: volume.geometry, voxels: Array(volume.voxels.prefix(size.count)))
    let labels = LabelVolume(
      size: size, geometry: volume.geometry, labels: scan.voxels.map { UInt8($0) })
    #expect(labels.networkOrdered.map(Float.init) == scan.networkOrdered)
  }
}
