"""WHAT stored runs mean: series, tables and exports; pure functions, no screen."""
