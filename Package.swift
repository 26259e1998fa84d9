// swift-tools-version: 6.1
import Foundation
import PackageDescription

// Third-party libraries live in .deps, put there by scripts/setup.sh. Where that folder is absent
// (another platform), a oneDNN 3.x known to pkg-config serves instead.
let deps = Context.packageDirectory + "/.deps"
let hasBundledOneDNN = FileManager.default.fileExists(atPath: deps + "/lib/libdnnl.so.3")

let oneDNNSwiftSettings: [SwiftSetting] =
  hasBundledOneDNN ? [.unsafeFlags(["-Xcc", "-I\(deps)/include"])] : []
// Programs find it from where they lie, .build/PLATFORM/release, so that none names a folder of the machine that built it.
let oneDNNLinkerSettings: [LinkerSetting] =
  hasBundledOneDNN
  ? [.unsafeFlags(["-L\(deps)/lib", "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../../../.deps/lib"])] : []

let package = Package(
  name: "vnet",
  products: [
    .executable(name: "vnet", targets: ["vnet"]),
    .library(name: "Segmentation", targets: ["Segmentation"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    .systemLibrary(
      name: "COneDNN", pkgConfig: hasBundledOneDNN ? nil : "dnnl"),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),

    .target(name: "CPUKernels"),
    .target(name: "SeededRandom"),
    .target(name: "PlainText"),
    .target(name: "DurableFiles"),
    .target(name: "ProcessMemory"),
    .target(name: "TensorGraph"),
    .target(
      name: "CPUBackend", dependencies: ["TensorGraph", "ProcessMemory", "COneDNN", "CPUKernels"],
      swiftSettings: oneDNNSwiftSettings,
      linkerSettings: oneDNNLinkerSettings),
    .target(name: "CMPI", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "MPICollectives", dependencies: ["TensorGraph", "CMPI"]),
    .target(name: "CPJRT", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "PJRTBackend", dependencies: ["TensorGraph", "DurableFiles", "CPJRT"]),
    .target(name: "Networks", dependencies: ["TensorGraph", "SeededRandom"]),
    .target(
      name: "MedicalImaging",
      dependencies: ["PlainText", "SeededRandom", "DurableFiles", "ProcessMemory", "CZlib"]),
    .target(name: "Training", dependencies: ["TensorGraph", "PlainText", "DurableFiles"]),
    .target(
      name: "Segmentation",
      dependencies: [
        "TensorGraph", "Networks", "Training", "MedicalImaging", "SeededRandom", "PlainText", "DurableFiles",
        "ProcessMemory", "CZlib",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "vnet",
      dependencies: [
        "Segmentation", "CPUBackend", "PJRTBackend", "MPICollectives", "Networks", "Training",
        "MedicalImaging",
        "TensorGraph",
        "PlainText",
        "DurableFiles",
        "ProcessMemory",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: oneDNNSwiftSettings),

    .target(
      name: "GraphCases", dependencies: ["TensorGraph", "Networks", "SeededRandom"],
      path: "Tests/GraphCases"),
    .executableTarget(
      name: "graph-case-check", dependencies: ["GraphCases", "CPUBackend", "PJRTBackend", "TensorGraph"],
      path: "Tests/GraphCaseCheck", swiftSettings: oneDNNSwiftSettings),
    .executableTarget(
      name: "choice-check",
      dependencies: ["CPUBackend", "Segmentation", "Networks", "Training", "TensorGraph"],
      path: "Tests/ChoiceCheck",
      swiftSettings: oneDNNSwiftSettings),
    .executableTarget(
      name: "replica-check",
      dependencies: [
        "MPICollectives", "CPUBackend", "Segmentation", "Networks", "Training", "TensorGraph",
        "SeededRandom",
      ],
      path: "Tests/ReplicaCheck", swiftSettings: oneDNNSwiftSettings),
    .target(
      name: "FormatMutations", dependencies: ["MedicalImaging", "SeededRandom"], path: "Tests/FormatMutations"
    ),
    .target(name: "SyntheticDICOM", path: "Tests/SyntheticDICOM"),
    .executableTarget(
      name: "format-mutations", dependencies: ["FormatMutations", "MedicalImaging", "Segmentation"],
      path: "Tests/FormatMutationCampaign"),
    .testTarget(
      name: "MPICollectivesTests", dependencies: ["MPICollectives", "Training", "replica-check", "vnet"]),
    .testTarget(
      name: "PJRTBackendTests",
      dependencies: [
        "PJRTBackend", "CPJRT", "Segmentation", "MedicalImaging", "Networks", "Training", "TensorGraph",
        "GraphCases", "SeededRandom",
      ],
      exclude: ["Layout"]),
    .testTarget(name: "PlainTextTests", dependencies: ["PlainText"]),
    .testTarget(name: "DurableFilesTests", dependencies: ["DurableFiles"]),
    .testTarget(name: "ProcessMemoryTests", dependencies: ["ProcessMemory"]),
    .testTarget(name: "SeededRandomTests", dependencies: ["SeededRandom"]),
    .testTarget(name: "TensorGraphTests", dependencies: ["TensorGraph", "GraphCases", "SeededRandom"]),
    .testTarget(
      name: "CPUBackendTests",
      dependencies: ["CPUBackend", "TensorGraph", "GraphCases", "SeededRandom", "graph-case-check"],
      swiftSettings: oneDNNSwiftSettings),
    .testTarget(
      name: "NetworksTests", dependencies: ["Networks", "TensorGraph", "SeededRandom"],
      resources: [.copy("Goldens")]),
    .testTarget(
      name: "MedicalImagingTests",
      dependencies: ["MedicalImaging", "SeededRandom", "FormatMutations", "SyntheticDICOM"],
      resources: [.copy("Goldens")]),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training", "TensorGraph", "CPUBackend"],
      resources: [.copy("Goldens")], swiftSettings: oneDNNSwiftSettings),
    .testTarget(
      name: "SegmentationTests",
      dependencies: [
        "Segmentation", "CPUBackend", "Training", "Networks", "TensorGraph", "MedicalImaging",
        "SeededRandom",
        "CZlib",
      ],
      resources: [.copy("Goldens")], swiftSettings: oneDNNSwiftSettings),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "vnet", "Segmentation", "MedicalImaging", "Networks", "Training", "PlainText", "SyntheticDICOM",
        "CZlib",
      ],
      resources: [.copy("README.md")],
      swiftSettings: oneDNNSwiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
