//! The companion server and its command line
