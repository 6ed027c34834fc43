"""Pictures of scenarios and runs: level lines, decision boundaries, images, and where one stands in their time."""
