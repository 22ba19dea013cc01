"""Arrays by what their elements are."""

import numpy as np
import numpy.typing as npt

Octets = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
#: What networks are evaluated in, and the scores that are written out.
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
