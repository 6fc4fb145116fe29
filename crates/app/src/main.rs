//! The standalone app: projects, data, labeling, in the browser and against the server.

mod api;
mod copy;
mod icons;
mod labeling;
mod leaving;
mod menu;
mod pages;
mod people;
mod shell;
mod storages;
mod table;
mod when;
mod work;

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(shell::App);
}
