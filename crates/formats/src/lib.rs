//! Streaming importers and exporters
