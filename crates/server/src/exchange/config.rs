//! What importers and exporters must know of a label config.

use crate::store::projects::Project;
use tagloom_formats::{ConfigInfo, DataRequirements};

/// What the config asks of task data.
pub(crate) fn requirements(project: &Project) -> DataRequirements {
    let config = project.config();
    let mut needs = DataRequirements::default();
    for node in config.template().objects() {
        let value = node.raw_value.as_deref().or_else(|| node.raw("valueList")).unwrap_or_default();
        // Only a lone variable names a field that must be there.
        let name = value.strip_prefix('$').unwrap_or_default();
        let lone = !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '[' | ']' | '.'));
        if lone {
            needs.add(value, node.kind_name());
        }
    }
    needs
}

/// Controls and objects of a config for formats.
pub(crate) fn config_info(project: &Project) -> ConfigInfo {
    let config = project.config();
    let tree = config.template();
    let mut info = ConfigInfo::default();
    for node in tree.controls().filter(|n| n.kind != "filter") {
        let Some(name) = &node.name else { continue };
        info.add_control(name, node.kind_name(), &node.to_names.join(","));
        if let Some(control) = info.controls.get_mut(name.as_str()) {
            control.to_name.clone_from(&node.to_names);
            control.labels = tree.labels_of(node.id).into_iter().map(|l| l.stored).collect();
        }
    }
    for node in tree.objects() {
        if let (Some(name), Some(value)) =
            (&node.name, node.raw_value.as_deref().or_else(|| node.raw("valueList")))
        {
            info.add_object(name, node.kind_name(), value);
        }
    }
    info
}
