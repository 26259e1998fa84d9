/// The catalogue: every operation of the graph, forward and gradient, and what a backend may fuse.
public let allGraphCases: [GraphCase] = [
  convolutionCases, transposedConvolutionCases, filterGradientCases, halfConvolutionCases,
  transposedLayerCases,
  convolutionChainCases, poolingCases,
  batchNormTrainingCases, batchNormInferenceCases, movingStatisticsCases, reluCases, preluCases, biasCases,
  softmaxCases, biasFusionCases, batchNormFusionCases, residualFusionCases,
  halfResidualFusionCases, lossFusionCases, convolutionTailCases, additionFusionCases, unaryCases,
  binaryCases,
  compareCases, notANumberCompareCases, selectCases, castCases, halfPrecisionCases, broadcastCases,
  transposeCases, layoutCases, concatenateCases, sliceCases, padCases, reduceSumCases, argmaxCases,
  oneHotCases, optimizerCases, optimizerReaderCases, updateCases, allReduceCases, largeCases,
].flatMap { $0 }
