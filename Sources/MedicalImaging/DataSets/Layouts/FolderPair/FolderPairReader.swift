import Foundation

/// A folder of scans with a folder of masks, matched by name.
enum FolderPairReader: DatasetReader {
  static let form = LayoutForm(
    name: "folders of scans and masks", mark: "images/ beside labels/ or masks/",
    contents: """
      A folder of scans and a folder of masks with the same names (or case_seg,
      case_mask, case_label): --images A --labels B, or one folder that holds
      images/ and labels/ (or masks/). A folder of both (--images A --labels A)
      tells masks by those ends. Channels in files of their own are told apart
      by the ends of their names: --channels t1,flair takes case_t1.nii.gz and
      case_flair.nii.gz. Classes are the values in the masks, or are named:
      --classes background,liver,tumour.
      """, example: "vnet train --images scans --labels masks --channels t1,flair --model-dir m")

  static func recognises(_ folder: String) -> Bool {
    isFolder(folder + "/images") && labelsFolder(in: folder) != nil
  }

  private static func labelsFolder(in folder: String) -> String? {
    ["labels", "masks"].map { folder + "/" + $0 }.first(where: isFolder)
  }

  static func read(_ folder: String, _ options: DatasetReadingOptions) throws(DatasetError) -> Dataset {
    try read(FolderPair(images: folder + "/images", labels: labelsFolder(in: folder)), options)
  }

  /// - Throws: `DatasetError`, also where no scan has a mask.
  static func read(
    _ folders: FolderPair, _ options: DatasetReadingOptions
  ) throws(DatasetError) -> Dataset {
    try options.requireNothingOutside(folders.images)
    let files = try PairedFiles(folders)
    guard let first = files.labelled.first else {
      if files.unlabelled.isEmpty, DICOMFolder.seemsDICOM(folders.images) {
        throw .folder(path: folders.images, .dicom)
      }
      throw try files.missingCases(folders)
    }
    let data = try UndescribedData(
      scan: first, labelled: files.labelled, channelNames: folders.channels.isEmpty ? nil : folders.channels,
      options, folders.labels ?? "")
    return Dataset(
      name: name(of: folders.images), descriptionPath: folders.images, layout: .folderPair,
      labels: data.labels,
      namesClasses: options.classNames != nil, channelNames: data.channelNames,
      training: files.labelled.namedApart(in: folders.images), test: files.unlabelled,
      skippedCount: files.hiddenCount, remarks: data.remarks + files.remarks)
  }

  /// The folder in which the scans' folder lies gives the data set its name.
  private static func name(of images: String) -> String {
    URL(fileURLWithPath: images).deletingLastPathComponent().lastPathComponent
  }
}
