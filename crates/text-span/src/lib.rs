//! Code points as the one offset type, converters, XPath ranges and span sets
