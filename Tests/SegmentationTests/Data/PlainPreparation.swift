import Foundation
import Segmentation

/// A preparation that takes scans of 1 mm as they are: one channel, two foreground classes. Decoded, because
/// the initialiser wants a data set.
func plainPreparation() throws -> Preparation {
  let json = """
    {
      "gridShape": [8, 8, 8], "spacing": [1, 1, 1], "channelNames": ["CT"],
      "classNames": ["background", "one", "two"],
      "normalizations": [
        {"clip": {"_0": {"lowerBound": -1e6, "upperBound": 1e6, "mean": 0, "standardDeviation": 1}}}
      ]
    }
    """
  return try JSONDecoder().decode(Preparation.self, from: Data(json.utf8))
}
