//! The standalone app
