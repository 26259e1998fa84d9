// swift-tools-version: 6.1
import Foundation
import PackageDescription

// Open MPI, where scripts/setup.sh fetched it: programs that join processes, which lie in .build/MACHINE/release, find it by their
// run path.
let hasBundledMPI = FileManager.default.fileExists(
  atPath: Context.packageDirectory + "/.deps/lib/libmpi.so.40")
let mpiLinkerSettings: [LinkerSetting] =
  hasBundledMPI ? [.unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../../../.deps/lib"])] : []

// The release; behind its tag, and where make builds, scripts/version.sh says more. A manifest that asked git itself would be
// kept by the package manager, and tell of an earlier commit.
let release = "0.1.0"
let version = Context.environment["VNET_VERSION"] ?? release

let package = Package(
  name: "vnet",
  products: [
    .executable(name: "vnet", targets: ["vnet"]),
    .library(name: "Segmentation", targets: ["Segmentation"]),
    .library(name: "MedicalImaging", targets: ["MedicalImaging"]),
    .library(name: "TensorGraph", targets: ["TensorGraph"]),
    .library(name: "CPUBackend", targets: ["CPUBackend"]),
    .library(name: "PJRTBackend", targets: ["PJRTBackend"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),

    .target(name: "CProgramVersion", cSettings: [.define("PROGRAM_VERSION", to: "\"\(version)\"")]),
    .target(name: "CPUKernels"),
    .target(name: "ForkJoin"),
    .target(name: "SeededRandom"),
    .target(name: "PlainText"),
    .target(name: "DurableFiles"),
    .target(name: "Archives", dependencies: ["PlainText", "CZlib"]),
    .target(name: "ProcessMemory"),
    .target(name: "TensorGraph"),
    .target(name: "CPUBackend", dependencies: ["TensorGraph", "ProcessMemory", "CPUKernels", "ForkJoin"]),
    .target(name: "CMPI", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "MPICollectives", dependencies: ["TensorGraph", "CMPI"]),
    .target(name: "CPJRT", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "ProtobufWire"),
    .target(name: "PJRTBackend", dependencies: ["TensorGraph", "DurableFiles", "ProtobufWire", "CPJRT"]),
    .target(name: "Networks", dependencies: ["TensorGraph", "SeededRandom"]),
    .target(
      name: "MedicalImaging",
      dependencies: ["PlainText", "SeededRandom", "DurableFiles", "ProcessMemory", "CZlib"]),
    .target(name: "Training", dependencies: ["TensorGraph", "PlainText", "DurableFiles"]),
    .target(
      name: "Segmentation",
      dependencies: [
        "TensorGraph", "Networks", "Training", "MedicalImaging", "SeededRandom", "PlainText", "DurableFiles",
        "ProcessMemory", "CZlib", "CProgramVersion",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "Interchange",
      dependencies: [
        "Segmentation", "MedicalImaging", "Networks", "Training", "TensorGraph", "PlainText", "DurableFiles",
        "ProtobufWire",
      ]),
    .executableTarget(
      name: "vnet",
      dependencies: [
        "Segmentation", "Interchange", "CPUBackend", "PJRTBackend", "MPICollectives", "Networks", "Training",
        "MedicalImaging",
        "Archives",
        "TensorGraph",
        "PlainText",
        "DurableFiles",
        "ProcessMemory",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Yams", package: "Yams"),
      ],
      linkerSettings: mpiLinkerSettings),

    .target(
      name: "GraphCases", dependencies: ["TensorGraph", "Networks", "SeededRandom"],
      path: "Tests/GraphCases"),
    .executableTarget(
      name: "graph-case-check",
      dependencies: ["GraphCases", "CPUBackend", "PJRTBackend", "TensorGraph", "SeededRandom"],
      path: "Tests/GraphCaseCheck"),
    .executableTarget(
      name: "choice-check",
      dependencies: ["CPUBackend", "Segmentation", "Networks", "Training", "TensorGraph"],
      path: "Tests/ChoiceCheck"),
    .executableTarget(
      name: "replica-check",
      dependencies: [
        "MPICollectives", "CPUBackend", "Segmentation", "Networks", "Training", "TensorGraph",
        "SeededRandom",
      ],
      path: "Tests/ReplicaCheck", linkerSettings: mpiLinkerSettings),
    .target(
      name: "FormatMutations", dependencies: ["MedicalImaging", "SeededRandom"], path: "Tests/FormatMutations"
    ),
    .target(name: "SyntheticDICOM", path: "Tests/SyntheticDICOM"),
    .executableTarget(
      name: "format-mutations",
      dependencies: ["FormatMutations", "CPUBackend", "MedicalImaging", "Segmentation"],
      path: "Tests/FormatMutationCampaign"),
    .testTarget(
      name: "MPICollectivesTests", dependencies: ["MPICollectives", "Training", "replica-check", "vnet"],
      linkerSettings: mpiLinkerSettings),
    .testTarget(
      name: "PJRTBackendTests",
      dependencies: [
        "PJRTBackend", "CPJRT", "Segmentation", "MedicalImaging", "Networks", "Training", "TensorGraph",
        "GraphCases", "SeededRandom",
      ],
      exclude: ["Layout"]),
    .testTarget(name: "PlainTextTests", dependencies: ["PlainText"]),
    .testTarget(name: "DurableFilesTests", dependencies: ["DurableFiles"]),
    .testTarget(name: "ArchivesTests", dependencies: ["Archives"]),
    .testTarget(name: "ProcessMemoryTests", dependencies: ["ProcessMemory"]),
    .testTarget(name: "SeededRandomTests", dependencies: ["SeededRandom"]),
    .testTarget(name: "TensorGraphTests", dependencies: ["TensorGraph", "GraphCases", "SeededRandom"]),
    .testTarget(
      name: "CPUBackendTests",
      dependencies: [
        "CPUBackend", "ForkJoin", "TensorGraph", "GraphCases", "SeededRandom", "graph-case-check",
      ]),
    .testTarget(
      name: "NetworksTests", dependencies: ["Networks", "TensorGraph", "SeededRandom"],
      resources: [.copy("Goldens")]),
    .testTarget(
      name: "MedicalImagingTests",
      dependencies: ["MedicalImaging", "SeededRandom", "FormatMutations", "SyntheticDICOM"],
      resources: [.copy("Goldens")]),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training", "TensorGraph", "CPUBackend"],
      resources: [.copy("Goldens")]),
    .testTarget(
      name: "SegmentationTests",
      dependencies: [
        "Segmentation", "CPUBackend", "Training", "Networks", "TensorGraph", "MedicalImaging",
        "SeededRandom",
        "CZlib",
      ],
      resources: [.copy("Goldens")]),
    .testTarget(name: "ProtobufWireTests", dependencies: ["ProtobufWire"]),
    .testTarget(
      name: "InterchangeTests",
      dependencies: [
        "Interchange", "Segmentation", "MedicalImaging", "Networks", "Training", "TensorGraph", "CPUBackend",
        "SeededRandom",
      ],
      exclude: ["Scripts"], resources: [.copy("Goldens")]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "vnet", "Segmentation", "MedicalImaging", "Networks", "Training", "PlainText", "SyntheticDICOM",
        "CZlib", "CPUBackend", "SeededRandom", "GraphCases",
      ],
      exclude: ["Servers"], resources: [.copy("README.md")]),
  ],
  swiftLanguageModes: [.v6]
)
