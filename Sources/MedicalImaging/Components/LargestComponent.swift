extension LabelVolume {
  /// Returns the mask with only the largest connected component of a label kept; its other voxels become background.
  ///
  /// Voxels that share a face, an edge or a corner are connected. Of equal components the one that begins first in
  /// the array's order stays.
  public func keepingLargestComponent(of label: UInt8) -> LabelVolume {
    var components = ComponentSearch(self, label)
    let kept = components.largest()
    var result = self
    for voxel in labels.indices where labels[voxel] == label { result.labels[voxel] = 0 }
    for voxel in kept { result.labels[voxel] = label }
    return result
  }
}

/// A search for the connected components of one label.
private struct ComponentSearch {
  private let size: GridSize
  /// Whether a voxel is of the label and was not found yet.
  private var isOpen: [Bool]

  init(_ mask: LabelVolume, _ label: UInt8) {
    size = mask.size
    isOpen = mask.labels.map { $0 == label }
  }

  /// The voxels of the largest component; empty where there is none.
  mutating func largest() -> [Int] {
    var largest: [Int] = []
    for voxel in isOpen.indices where isOpen[voxel] {
      let component = component(from: voxel)
      if component.count > largest.count { largest = component }
    }
    return largest
  }

  /// The voxels connected to one, which are then no longer open.
  private mutating func component(from start: Int) -> [Int] {
    isOpen[start] = false
    var found = [start]
    var next = 0
    while next < found.count {
      let voxel = found[next]
      next += 1
      let (i, j, k) = (voxel % size.i, voxel / size.i % size.j, voxel / (size.i * size.j))
      for z in max(0, k - 1)...min(size.k - 1, k + 1) {
        for y in max(0, j - 1)...min(size.j - 1, j + 1) {
          for x in max(0, i - 1)...min(size.i - 1, i + 1) {
            let neighbor = (z * size.j + y) * size.i + x
            if isOpen[neighbor] {
              isOpen[neighbor] = false
              found.append(neighbor)
            }
          }
        }
      }
    }
    return found
  }
}
