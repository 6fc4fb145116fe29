//! People: who belongs to the organization, invitations, one's own account and tokens.

mod account;
mod members;
mod sign_up;
mod token;
mod tokens;

pub use account::Account;
pub use members::People;
pub use sign_up::SignUp;
