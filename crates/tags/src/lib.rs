//! Every tag: attributes, results, tools and cases
