import ArgumentParser
import MedicalImaging

/// Options of the commands that read masks beside their scans.
struct MaskGeometryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where a mask's geometry is not its scan's: own stops at it (the same grid in another order of the axes is brought to the "
        + "scan's); scan takes the scan's for masks of the same size, and says so."))
  var geometry = MaskGeometry.own

  /// A data set whose masks' geometry counts as was chosen.
  ///
  /// - Parameter saysSo: whether each mask whose geometry does not count is told on the standard error.
  func applied(to dataset: Dataset, saysSo: Bool) -> Dataset {
    switch geometry {
    case .own: return dataset
    case .scan:
      let dataset = dataset.takingGeometryOfScans()
      if saysSo {
        for note in dataset.training.compactMap(\.maskGeometryNote) { standardErrorLine("Warning: \(note)") }
      }
      return dataset
    }
  }
}

extension MaskGeometry: ExpressibleByArgument {}
