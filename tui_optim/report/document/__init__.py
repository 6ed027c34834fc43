"""The report as a document: what stands in it, and how it becomes a page or Markdown."""
