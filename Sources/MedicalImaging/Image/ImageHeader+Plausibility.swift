extension ImageHeader {
  /// The spacings in mm that a scan may have: from 1 nm, finer than any microscope sees of tissue, to 100 mm, beyond the
  /// thickest slices. What lies outside is a wrong unit (metres for mm are 1000 times too large) or a damaged header.
  public static let plausibleSpacing = 1e-6...100.0

  /// - Throws: `ImageError.implausibleSpacing`.
  public func requirePlausibleSpacing() throws(ImageError) {
    guard geometry.spacing.allSatisfy(Self.plausibleSpacing.contains) else {
      throw .implausibleSpacing(path: provenance.path, spacing: geometry.spacing)
    }
  }
}
