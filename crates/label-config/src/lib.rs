//! Label-config XML to an element tree with diagnostics, and variable binding
