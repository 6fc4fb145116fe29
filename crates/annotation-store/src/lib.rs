//! The document: regions, results, relations, steps and undo; Label Studio result JSON
