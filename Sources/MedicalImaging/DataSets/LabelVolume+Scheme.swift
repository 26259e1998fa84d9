extension LabelVolume {
  /// The mask with each value's index, as networks and figures take it.
  ///
  /// - Returns: nil where a value is not declared.
  public func indexed(by scheme: LabelScheme) -> LabelVolume? {
    guard undeclaredValue(in: scheme) == nil else { return nil }
    guard !scheme.isConsecutive else { return self }
    var table = [UInt8](repeating: 0, count: 256)
    for (index, value) in scheme.values.enumerated() { table[Int(value)] = UInt8(index) }
    if let value = scheme.ignoredValue, let index = scheme.ignoredIndex { table[Int(value)] = index }
    return mapped(by: table)
  }

  /// The first value in the mask that a scheme does not declare.
  public func undeclaredValue(in scheme: LabelScheme) -> Int? {
    let declared = Set(scheme.declaredValues)
    let isDeclared = (0..<256).map(declared.contains)
    return labels.first { !isDeclared[Int($0)] }.map(Int.init)
  }

  /// The mask of indices with each one's value, as files have it.
  ///
  /// - Precondition: no voxel is ignored.
  public func valued(by scheme: LabelScheme) -> LabelVolume {
    guard !scheme.isConsecutive else { return self }
    return mapped(by: scheme.values)
  }

  /// The mask with each label replaced by a table's entry.
  func mapped(by table: [UInt8]) -> LabelVolume {
    LabelVolume(size: size, geometry: geometry, labels: labels.map { table[Int($0)] })
  }

  /// The mask of indices with ignored voxels as background.
  public func withoutIgnored(_ scheme: LabelScheme) -> LabelVolume {
    cleared(where: self, isIgnoredBy: scheme)
  }

  /// A mask of indices with background where the truth is ignored.
  fileprivate func cleared(where truth: LabelVolume, isIgnoredBy scheme: LabelScheme) -> LabelVolume {
    guard let ignored = scheme.ignoredIndex, truth.labels.contains(ignored) else { return self }
    return LabelVolume(
      size: size, geometry: geometry, labels: zip(labels, truth.labels).map { $1 == ignored ? 0 : $0 })
  }

  /// 1 where a mask of indices has one of some labels, else 0.
  fileprivate func union(of wanted: [UInt8]) -> LabelVolume {
    var table = [UInt8](repeating: 0, count: 256)
    for label in wanted { table[Int(label)] = 1 }
    return mapped(by: table)
  }
}

// MARK: Structures

extension LabelScheme {
  /// How well each structure was segmented, of two masks of indices on one grid. Where the truth is ignored neither mask has
  /// anything.
  ///
  /// - Parameters:
  ///   - prediction: the predicted one, on the same grid.
  ///   - truth: the true mask.
  ///   - structures: those that are measured.
  public func metrics(
    prediction: LabelVolume, truth: LabelVolume, of structures: [Structure]
  ) -> [ClassMetrics] {
    let prediction = prediction.cleared(where: truth, isIgnoredBy: self)
    let truth = truth.withoutIgnored(self)
    return structures.map { structure in
      if structure.labels.count == 1 {
        return ClassMetrics(prediction: prediction, truth: truth, label: structure.labels[0])
      }
      return ClassMetrics(
        prediction: prediction.union(of: structure.labels), truth: truth.union(of: structure.labels), label: 1
      )
    }
  }

  /// A mask of indices with only the largest connected component of a structure. What else was of a class becomes
  /// background; what else was in a region leaves it and all regions within it, and is written as those that are left say.
  public func keepingLargestComponent(of structure: Structure, in mask: LabelVolume) -> LabelVolume {
    switch form {
    case .classes: return mask.keepingLargestComponent(of: structure.labels[0])
    case .regions:
      let region = mask.union(of: structure.labels)
      let largest = region.keepingLargestComponent(of: 1)
      let outside = labelsOutside(structure)
      var result = mask
      for voxel in region.labels.indices where region.labels[voxel] != largest.labels[voxel] {
        result.labels[voxel] = outside[Int(mask.labels[voxel])]
      }
      return result
    }
  }

  /// For each label by its index the one that a voxel has once it is not in a region, nor in any within that.
  private func labelsOutside(_ structure: Structure) -> [UInt8] {
    let left = structures.filter { !Set($0.labels).isSubset(of: structure.labels) }
    return values.indices.map { label in
      left.last { $0.labels.contains(UInt8(label)) }.map { writtenLabels[$0.output] } ?? 0
    }
  }

  /// The index of the label that each region writes; those of the classes.
  public var writtenLabels: [UInt8] {
    let values = values
    switch form {
    case .classes: return values.indices.map { UInt8($0) }
    case .regions(let regions):
      return regions.map { region in UInt8(values.firstIndex(of: region.writtenValue) ?? 0) }
    }
  }

  /// A mask of indices with, for each voxel, the place from 1 of the structure that it shows in a picture, 0 for none: of
  /// several regions the last.
  public func painted(_ mask: LabelVolume) -> LabelVolume {
    var table = [UInt8](repeating: 0, count: 256)
    for (place, structure) in structures.enumerated() {
      for label in structure.labels { table[Int(label)] = UInt8(place + 1) }
    }
    return mask.mapped(by: table)
  }
}
