//! The headless editor: task life cycle, input, tools, keymap, validation and journal
