//! Buckets and folders behind one face: connect, list, read, sign, write, and say why it fails (spec/server.md 5).
