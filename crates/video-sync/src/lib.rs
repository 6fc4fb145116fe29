//! Clock maps, sync groups, seek plans and keyframe interpolation
