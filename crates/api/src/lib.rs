//! Request and response types shared by the app and the server
