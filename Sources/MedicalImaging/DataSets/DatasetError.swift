import PlainText

/// What can be wrong with the description of a data set. Cases carry the path of the file or folder that has it.
public enum DatasetError: Error, Equatable, Sendable {
  case notFound(path: String)
  case notFolder(path: String)
  case cannotRead(path: String, reason: String)
  case tooLarge(path: String, byteCount: Int)
  case invalidJSON(path: String, reason: String)
  case missingKey(path: String, key: String)
  /// A value has another type or content than `expected` says.
  case invalidValue(path: String, key: String, expected: String)
  /// Channels are not numbered 0, 1, 2, ...
  case notConsecutive(path: String, key: String, indices: [Int])
  case noForeground(path: String)
  case label(path: String, LabelError)
  case noTrainingCases(path: String, MissingCases)
  case folder(path: String, FolderProblem)
  case entry(path: String, EntryProblem)
  /// - Parameter place: in a table, such as "line 3".
  case table(path: String, place: String, reason: String)
  case option(DatasetOptionProblem)
  case splits(path: String, SplitsProblem)
  /// A file of the data set that had to be read.
  case image(ImageError)
}

extension DatasetError: CustomStringConvertible {
  /// One sentence: the file, what is wrong and what to do.
  public var description: String {
    switch self {
    case .notFound(let path):
      "\(path): there is no such file or folder; check the path."
    case .notFolder(let path):
      "\(path): is a file; give a folder."
    case .cannotRead(let path, let reason):
      "\(path): cannot be read (\(reason)); check its permissions."
    case .tooLarge(let path, let byteCount):
      "\(path): has \(byteCount) bytes, more than any list of cases; check that it is the right file."
    case .invalidJSON(let path, let reason):
      "\(path): is not valid JSON (\(reason)); correct it with a JSON editor."
    case .missingKey(let path, let key):
      "\(path): lacks the key \"\(key)\"; add it ('vnet help data' shows the layouts)."
    case .invalidValue(let path, let key, let expected):
      "\(path): the value of \"\(key)\" is not \(expected); correct it."
    case .notConsecutive(let path, let key, let indices):
      "\(path): \"\(key)\" numbers its entries \(indices.map(String.init).joined(separator: ", ")); "
        + "number them 0, 1, 2 and so on."
    case .noForeground(let path):
      "\(path): there is no class besides the background; add the classes to segment."
    case .label(let path, let error):
      "\(path): \(error)"
    case .noTrainingCases(let path, let missing): "\(path): \(missing)"
    case .folder(let path, let problem): "\(path): \(problem)"
    case .entry(let path, let problem): "\(path): \(problem)"
    case .table(let path, let place, let reason):
      "\(path): \(place) cannot be used (\(reason)); correct it ('vnet help data' shows the columns)."
    case .option(let problem): "\(problem)"
    case .splits(let path, let problem): "\(path): \(problem)"
    case .image(let error): "\(error)"
    }
  }
}

/// Why a path is not taken for the folder of a data set.
public enum FolderProblem: Equatable, Sendable, CustomStringConvertible {
  case missing
  case isFile
  case unknownLayout
  /// Scans and masks as the Decathlon and nnU-Net lay them, with nothing that describes them.
  ///
  /// - Parameter options: that read them as they are.
  case noDescription(options: String)
  /// Series and no masks, which `vnet predict` and `vnet inspect` read.
  case dicom

  public var description: String {
    switch self {
    case .missing:
      "there is no such folder; give the folder of a data set ('vnet help data' shows the layouts)."
    case .isFile:
      "is no folder; give the folder of a data set with --data-dir, or a list of cases with --data-list."
    case .unknownLayout:
      "is in no known layout, with neither \(DatasetLayout.allCases.map(\.form.mark).joined(separator: ", nor ")); "
        + "see 'vnet help data', or name the parts with --images and --labels, or with --data-list."
    case .noDescription(let options):
      "has imagesTr and labelsTr and no dataset.json; add it, or give \(options)."
    case .dicom:
      "holds DICOM series, which have no masks to learn or measure; convert them with dcm2niix and put masks beside them "
        + "('vnet help data' shows how)."
    }
  }
}

/// Why there is no case with a mask to train with.
public enum MissingCases: Equatable, Sendable, CustomStringConvertible {
  /// A description or a list names none.
  case noneListed
  /// A folder has no file of the form that is looked for.
  ///
  /// - Parameter found: the names that are there.
  case noFiles(form: String, found: [String])
  /// No scan of a folder has a mask.
  case noPairs(masks: String, scans: [String], names: [String])

  public var description: String {
    switch self {
    case .noneListed:
      "lists no case with a mask to train with; add some ('vnet help data' shows how)."
    case .noFiles(let form, let found):
      "has no file of the form \(form) (\(found.isEmpty ? "it is empty" : "it has \(shortList(found, limit: 3))")); "
        + "add some, or correct what says how they are named."
    case .noPairs(let masks, let scans, let names):
      "no scan here has a mask of its name in \(masks) (scans: \(shortList(scans, limit: 3)); masks: \(shortList(names, limit: 3))); "
        + "name masks as their scans, or list the pairs with --data-list."
    }
  }
}

/// What is wrong with the entry of a case.
public enum EntryProblem: Equatable, Sendable, CustomStringConvertible {
  case leadsOutside(entry: String)
  /// - Parameter place: of the entry, such as "line 3".
  case empty(place: String)
  /// No file has this name, with backslashes as they are or as separators.
  case backslashes(entry: String)
  /// Training would take one of two scans for the other.
  case sameName(name: String, first: String, second: String)
  case listedTwice(image: String)
  case maskIsScan(image: String)
  case missingFiles([String])

  public var description: String {
    switch self {
    case .leadsOutside(let entry):
      "the entry \"\(entry)\" leads out of the data set's folder; use a path relative to it, or give --allow-outside "
        + "if you trust the file."
    case .empty(let place):
      "\(place) is an empty path; name the file, or remove the entry."
    case .backslashes(let entry):
      "the entry \"\(entry)\" has backslashes, and no file has that name, nor the one with \"/\" instead; correct it."
    case .sameName(let name, let first, let second):
      "\(second) and \(first) are both called \(name); rename one, since cases are told apart by name."
    case .listedTwice(let image):
      "\(image) is listed twice; remove one of the entries."
    case .maskIsScan(let image):
      "\(image) is given as its own mask; name the mask instead."
    case .missingFiles(let paths):
      "\(counted(paths.count, "file of its cases is", "files of its cases are")) not there "
        + "(\(shortList(paths, limit: 3))); add them or remove the cases ('vnet verify' lists all)."
    }
  }
}

/// What is wrong with what the user says of a data set besides.
public enum DatasetOptionProblem: Equatable, Sendable, CustomStringConvertible {
  case classesAreNamed(path: String)
  case classNames([String])
  /// There is no list of paths that could lead out of a folder.
  case nothingOutside(path: String)
  case subjectPattern(String, reason: String)
  /// The pattern finds no subject in the names of cases.
  case noSubject(pattern: String, names: [String])
  case subjectsAreListed(path: String)

  public var description: String {
    switch self {
    case .classesAreNamed(let path):
      "--classes does not apply, since \(path) names the classes; leave it out."
    case .classNames(let names):
      "--classes \(names.joined(separator: ",")) is not possible; take 2 to 256 different names, the background first."
    case .nothingOutside(let path):
      "--allow-outside does not apply to \(path), which is no dataset.json with a list of cases; leave it out."
    case .subjectPattern(let pattern, let reason):
      "--subject-pattern \(pattern) is not possible (\(reason)); '^(sub-[0-9]+)_' takes sub-01 from sub-01_T1."
    case .noSubject(let pattern, let names):
      "--subject-pattern \(pattern) finds no subject in \(shortList(names)); change it to fit the names of all cases."
    case .subjectsAreListed(let path):
      "--subject-pattern does not apply, since \(path) lists the subjects; leave it out."
    }
  }
}

/// What is wrong with a division of the cases.
public enum SplitsProblem: Equatable, Sendable, CustomStringConvertible {
  case invalid(reason: String)
  case unknownCases([String])
  /// - Parameter index: of the division, from 0.
  case caseInBothParts([String], index: Int)
  /// Two cases of one subject.
  case subjectInBothParts(training: String, validation: String, index: Int)
  /// - Parameter found: the number of divisions.
  case foldCount(found: Int, expected: Int)

  public var description: String {
    switch self {
    case .invalid(let reason):
      "cannot divide the cases (\(reason)); correct it ('vnet help data' shows the form)."
    case .unknownCases(let names):
      "the data set has no case \(shortList(names)) to train with; correct the names, or give the data set that they are of."
    case .caseInBothParts(let names, let index):
      "\(shortList(names)) both train and validate in division \(index); keep each case in one part."
    case .subjectInBothParts(let training, let validation, let index):
      "\(training) trains and \(validation) validates in division \(index), and both are of one subject; keep each subject in "
        + "one part."
    case .foldCount(let found, let expected):
      "has \(found) divisions, and \(expected) folds are asked for; give --folds \(found)."
    }
  }
}

/// A few names, and how many more there are.
public func shortList(_ names: [String], limit: Int = 5) -> String {
  let shown = names.prefix(limit).joined(separator: ", ")
  return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}
