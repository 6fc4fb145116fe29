//! Regions on a picture: what they look like, what lies under a point, what is drawn. No DOM here.

pub mod draw;
pub mod mask;
pub mod outline;
pub mod scene;
pub mod stage;

pub use draw::{Top, draw_regions, draw_top};
pub use outline::Outline;
pub use scene::{Appearance, Entry, Scene, Synced};
pub use stage::Stage;
