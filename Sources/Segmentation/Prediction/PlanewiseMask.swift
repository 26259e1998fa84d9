import MedicalImaging

/// A mask of the labels' indices, made of planes of probabilities across i, one after the other.
struct PlanewiseMask {
  private let size: GridSize
  private let decision: LabelDecision
  /// Indices of labels i fastest, then j, then k.
  private var labels: [UInt8]
  private var planeCount = 0

  init(size: GridSize, _ scheme: LabelScheme) {
    self.size = size
    decision = LabelDecision(scheme)
    labels = [UInt8](repeating: 0, count: size.count)
  }

  /// Adds the next plane, `[J, K, outputs]`.
  mutating func add(_ plane: [Float]) {
    var position = 0
    for j in 0..<size.j {
      for k in 0..<size.k {
        labels[(k * size.j + j) * size.i + planeCount] = decision.label(of: plane, at: position)
        position += decision.outputCount
      }
    }
    planeCount += 1
  }

  func mask(_ geometry: Geometry) -> LabelVolume {
    LabelVolume(size: size, geometry: geometry, labels: labels)
  }
}

/// How the probabilities of a voxel become its label.
enum LabelDecision {
  /// The most probable class, the first on a tie.
  case mostProbable(classCount: Int)
  /// The last region whose probability is above 1/2 writes its label; background where there is none.
  case regions(written: [UInt8])

  init(_ scheme: LabelScheme) {
    switch scheme.form {
    case .classes(let classes): self = .mostProbable(classCount: classes.count)
    case .regions: self = .regions(written: scheme.writtenLabels)
    }
  }

  var outputCount: Int {
    switch self {
    case .mostProbable(let classCount): classCount
    case .regions(let written): written.count
    }
  }

  /// The index of the label of the voxel whose probabilities begin at a position of a plane.
  func label(of plane: [Float], at position: Int) -> UInt8 {
    switch self {
    case .mostProbable(let classCount):
      var (best, label) = (-Float.infinity, 0)
      for candidate in 0..<classCount where plane[position + candidate] > best {
        (best, label) = (plane[position + candidate], candidate)
      }
      return UInt8(label)
    case .regions(let written):
      return written.indices.last { plane[position + $0] > 0.5 }.map { written[$0] } ?? 0
    }
  }
}
