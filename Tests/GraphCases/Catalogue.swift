/// The catalogue: every operation of the graph, forward and gradient, and what a backend may fuse.
public let allGraphCases: [GraphCase] = [
  convolutionCases, transposedConvolutionCases, filterGradientCases, halfConvolutionCases,
  transposedLayerCases,
  convolutionChainCases, poolingCases,
  batchNormTrainingCases, batchNormInferenceCases, movingStatisticsCases, reluCases, preluCases, biasCases,
  instanceNormCases, leakyReLUCases,
  softmaxCases, biasFusionCases, batchNormFusionCases, residualFusionCases,
  halfResidualFusionCases, lossFusionCases, convolutionTailCases, additionFusionCases, unaryCases,
  binaryCases,
  compareCases, notANumberCompareCases, selectCases, castCases, halfPrecisionCases, halfLayerCases,
  broadcastCases,
  transposeCases, layoutCases, concatenateCases, sliceCases, padCases, reduceSumCases, argmaxCases,
  oneHotCases, compositionCases, halfCompositionCases, optimizerCases, optimizerReaderCases, updateCases,
  allReduceCases, largeCases, targetCases,
].flatMap { $0 }

/// What XLA's CPU plugin computes otherwise: it takes numbers below the least normal one for 0, and adds many numbers up
/// one after the other.
public let casesOtherwiseOnXLACPU: Set<String> = [
  "unary/at the edge of the domain", "cast/f32 to bool", "cast/bf16 to bool", "large/reductions",
]
