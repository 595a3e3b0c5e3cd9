"""From raw features to what a model was taught on."""

import numpy as np

from profiles.learning.features import Matrix, Selection
from profiles.learning.model import Numbers


class Prepared:
    """Selects and takes logs; standardizes as river's StandardScaler does, where the model did."""

    def __init__(self, numbers: Numbers) -> None:
        self.selection = Selection(numbers["features"])
        self.means = np.array(numbers.get("means", 0.0))
        variances = np.array(numbers.get("variances", 1.0))
        # river gives 0 where nothing has varied yet
        self.scales = np.where(
            variances > 0, 1.0 / np.sqrt(np.where(variances > 0, variances, 1)), 0
        )

    def matrix(self, rows: Matrix) -> Matrix:
        """(n, len(FEATURES)) → (n, selected)."""
        prepared: Matrix = (self.selection.matrix(rows) - self.means) * self.scales
        return prepared
