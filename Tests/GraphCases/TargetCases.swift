import Networks
import TensorGraph

/// Losses of regions and with ignored voxels, whose labels lie behind the others, behind a convolution.
let targetCases: [GraphCase] = LossName.allCases.flatMap { name in
  [
    ("regions", Targets(outputs: .regions([[1, 2, 3], [1, 3], [3]], labelCount: 4)), 4),
    (
      "regions, ignored",
      Targets(outputs: .regions([[1, 2, 3], [1, 3], [3]], labelCount: 4), hasIgnoredVoxels: true),
      5
    ),
    ("one region", Targets(outputs: .regions([[1]], labelCount: 2)), 2),
    ("classes, ignored", Targets(hasIgnoredVoxels: true), 4),
  ].map { title, targets, labelCount in
    graphCase("targets/\(name.rawValue) of \(title)") { c in
      let x = c.input("x", [2, 5, 4, 6, 2])
      let labels = c.input("labels", [2, 5, 4, 6], .classes(labelCount), dtype: .i32)
      let (logits, w) = try c.convolved(x, "w", to: title == "one region" ? 1 : 3)
      c.builder.output("probabilities", try c.builder.probabilities(of: logits, targets))
      c.difference = FiniteDifference(step: 1e-2, tolerance: 5e-2)
      c.tolerance = 1e-4
      try c.differentiate(
        loss: try c.builder.loss(Loss(name), logits: logits, labels: labels, targets: targets), [w])
    }
  }
}
