"""Sections: what one partition's log says about one customer, one kind of facts per topic."""
