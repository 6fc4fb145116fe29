//! IoU, span F1, kappa, error rates and agreement
