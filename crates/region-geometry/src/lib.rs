//! Typed spaces, shapes, transforms, hit tests and mask run-length encoding
