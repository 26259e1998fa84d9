import Foundation

/// A folder of scans, with a folder of masks that have the scans' names.
public struct FolderPair: Equatable, Sendable {
  public let images: String
  /// nil for scans without masks.
  public let labels: String?
  /// The ends of file names by which the channels of a scan are told apart, in their order: "t1" and "flair" for
  /// `case_t1.nii.gz` and `case_flair.nii.gz`. Empty where each file is a scan by itself.
  public let channels: [String]

  public init(images: String, labels: String?, channels: [String] = []) {
    self.images = images
    self.labels = labels
    self.channels = channels
  }
}

/// The scans of a folder, without masks.
public struct FolderScans: Sendable {
  public let scans: [Case]
  /// The number of names that start with "." and were left out.
  public let hiddenCount: Int
  public let remarks: [DatasetProblem]
  /// The names of the folders in it, without those that start with "."; links to folders are not among them.
  public let folders: [String]
  /// The names of the links to folders in it.
  public let linkedFolders: [String]

  /// - Parameters:
  ///   - folder: to look into.
  ///   - channels: as those of a `FolderPair`.
  /// - Throws: `DatasetError.cannotRead`.
  public init(_ folder: String, channels: [String] = []) throws(DatasetError) {
    let path = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let files = try PairedFiles(FolderPair(images: path, labels: nil, channels: channels))
    (scans, hiddenCount, remarks) = (files.unlabelled, files.hiddenCount, files.remarks)
    (folders, linkedFolders) = (files.folders, files.linkedFolders)
  }
}

/// What is found in the two folders.
struct PairedFiles {
  /// Cases with masks.
  private(set) var labelled: [Case] = []
  private(set) var unlabelled: [Case] = []
  private(set) var hiddenCount: Int
  private(set) var remarks: [DatasetProblem] = []
  /// The names of the folders beside scans without masks.
  private(set) var folders: [String] = []
  private(set) var linkedFolders: [String] = []
  /// The names of the images that may be masks.
  private var masks: [String] = []

  /// - Throws: `DatasetError.cannotRead`.
  init(_ folders: FolderPair) throws(DatasetError) {
    let listing = try FolderListing(folders.images)
    hiddenCount = listing.hiddenCount
    if folders.labels == nil {
      let all = listing.names.filter { isFolder("\(folders.images)/\($0)") }
      self.folders = all.filter { isOwnFolder("\(folders.images)/\($0)") }
      linkedFolders = all.filter { !self.folders.contains($0) }
    }
    let files = listing.names.filter { !self.folders.contains($0) && !linkedFolders.contains($0) }
    noteOthers(files, folders.images)
    var names = ImageFormat.imageNames(among: files)
    if let labels = folders.labels, Self.isSame(labels, folders.images) {
      // A scan is no mask of its own: in one folder masks are told by the ends of their names.
      masks = names.filter(Self.hasMaskEnd)
      names.removeAll(where: Self.hasMaskEnd)
    } else if let labels = folders.labels {
      let listing = try FolderListing(labels)
      hiddenCount += listing.hiddenCount
      noteOthers(listing.names, labels)
      masks = ImageFormat.imageNames(among: listing.names)
    }
    let scans = folders.channels.isEmpty ? whole(names, folders) : joined(names, folders)
    guard let labels = folders.labels else {
      unlabelled = scans
      return
    }
    pair(scans, in: labels)
  }

  /// Why no scan has a mask: the folder that has no image, or that no names agree.
  func missingCases(_ folders: FolderPair) throws(DatasetError) -> DatasetError {
    let (images, labels) = (folders.images, folders.labels ?? folders.images)
    let anyFormat = ".nii.gz or of another known format"
    if unlabelled.isEmpty {
      let form = "*\(folders.channels.first.map { "_" + $0 } ?? "")\(anyFormat)"
      return .noTrainingCases(path: images, .noFiles(form: form, found: try FolderListing(images).names))
    }
    if masks.isEmpty {
      let form = "*\(Self.isSame(labels, images) ? "_seg" : "")\(anyFormat)"
      return .noTrainingCases(path: labels, .noFiles(form: form, found: try FolderListing(labels).names))
    }
    return .noTrainingCases(
      path: images,
      .noPairs(masks: labels, scans: unlabelled.map(\.name), names: masks.map(Case.name(ofImage:))))
  }

  /// Notes what lies in a folder and is neither an image nor the voxels of one.
  private mutating func noteOthers(_ names: [String], _ folder: String) {
    let others = names.filter { name in
      ImageFormat.suffix(of: name) == nil && !Self.voxelEnds.contains { name.lowercased().hasSuffix($0) }
    }
    if !others.isEmpty {
      remarks.append(DatasetProblem(path: folder, finding: .list(.otherFiles(names: others))))
    }
  }

  /// The ends of files that hold the voxels of a header beside them.
  private static let voxelEnds = [".raw", ".zraw", ".raw.gz"]

  private static func isSame(_ first: String, _ second: String) -> Bool {
    resolvedPath(first) == resolvedPath(second)
  }

  private static func hasMaskEnd(_ name: String) -> Bool { MaskName.hasEnd(Case.name(ofImage: name)) }

  private func whole(_ names: [String], _ folders: FolderPair) -> [Case] {
    names.map { Case(imagePath: "\(folders.images)/\($0)") }
  }

  /// Scans of one file for each channel. Where a channel is missing, whoever reads it says so.
  private mutating func joined(_ names: [String], _ folders: FolderPair) -> [Case] {
    var files: [String: [Int: String]] = [:]
    for name in names {
      if let (scan, channel) = channel(of: name, among: folders.channels) {
        files[scan, default: [:]][channel] = name
      } else {
        let ends = folders.channels.map { "_\($0)" }.joined(separator: ", ")
        remarks.append(
          DatasetProblem(
            path: "\(folders.images)/\(name)", finding: .list(.unusedScan(expected: "a case and \(ends)"))))
      }
    }
    return files.sorted { $0.key < $1.key }.map { scan, found in
      let known = found.min { $0.key < $1.key }!
      let paths = folders.channels.indices.map { channel in
        let expected = known.value.replacingChannel(
          folders.channels[known.key], by: folders.channels[channel])
        return "\(folders.images)/\(found[channel] ?? expected)"
      }
      return Case(name: scan, imagePaths: paths)
    }
  }

  /// The scan that a file belongs to and its channel: that of the longest end which fits.
  private func channel(of name: String, among channels: [String]) -> (scan: String, channel: Int)? {
    let stem = Case.name(ofImage: name)
    let fitting = channels.indices.filter { index in
      let rest = stem.dropLast(channels[index].count)
      return stem.hasSuffix(channels[index]) && rest.count > 1 && "_-.".contains(rest.last ?? " ")
    }
    guard let longest = fitting.max(by: { channels[$0].count < channels[$1].count }) else { return nil }
    return (String(stem.dropLast(channels[longest].count + 1)), longest)
  }

  /// Gives each scan the mask of its name, or of its name and an end that masks have.
  private mutating func pair(_ scans: [Case], in folder: String) {
    let byName = Dictionary(
      masks.map { (Case.name(ofImage: $0), $0) }, uniquingKeysWith: { first, _ in first })
    var used: Set<String> = []
    for scan in scans {
      guard let mask = MaskName.candidates(ofCase: scan.name).lazy.compactMap({ byName[$0] }).first else {
        unlabelled.append(scan)
        remarks.append(DatasetProblem(path: scan.imagePath, finding: .list(.scanWithoutMask)))
        continue
      }
      used.insert(mask)
      labelled.append(
        Case(name: scan.name, imagePaths: scan.imagePaths, labelPath: "\(folder)/\(mask)"))
    }
    for mask in masks where !used.contains(mask) {
      remarks.append(DatasetProblem(path: "\(folder)/\(mask)", finding: .list(.maskWithoutScan)))
    }
  }
}

extension String {
  /// The file's name with another channel before its ending.
  fileprivate func replacingChannel(_ channel: String, by other: String) -> String {
    let ending = ImageFormat.suffix(of: self) ?? ""
    return dropLast(ending.count + channel.count) + other + ending
  }
}
