//! The attributes of an `Image` tag, read once (spec/tags.md 4.3).

use crate::canvas::draw::Grid;
use serde_json::Value;
use tagloom_region_geometry::DefaultZoom;
use tagloom_tags::{Node, NodeId, Tree};

/// `crossOrigin`; `none` asks anonymously too, but lets an image be looked at that forbids reading its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CrossOrigin {
    None,
    Anonymous,
    Credentials,
}

/// A control that draws boxes on the image.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BoxControl {
    pub id: NodeId,
    /// A bare `Rectangle`, not a `RectangleLabels`.
    pub bare: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ImageOptions {
    pub name: String,
    /// The images; an empty text is an item that is no URL. `Err` says why there are none.
    pub urls: Result<Vec<String>, String>,
    pub width: String,
    pub max_width: String,
    pub height: Option<String>,
    pub max_height: String,
    pub zoom: bool,
    pub zoom_control: bool,
    pub negative_zoom: bool,
    pub zoom_by: f64,
    pub default_zoom: DefaultZoom,
    /// 0, 0.5 or 1 on each axis.
    pub align: [f64; 2],
    pub grid: Option<Grid>,
    pub brightness: bool,
    pub contrast: bool,
    pub rotate: bool,
    pub crosshair: bool,
    pub selection: bool,
    pub cross_origin: CrossOrigin,
    /// `None`: the setting decides.
    pub smoothing: Option<bool>,
    pub boxes: Vec<BoxControl>,
}

impl ImageOptions {
    pub(super) fn read(tree: &Tree, node: &Node) -> Self {
        let name = node.name.clone().unwrap_or_default();
        let align = |attribute: &str| match node.one_of(attribute) {
            "center" => 0.5,
            "right" | "bottom" => 1.0,
            _ => 0.0,
        };
        let at_least = |attribute: &str, least: f64, default: f64| {
            node.number(attribute).filter(|v| v.is_finite() && *v > least).unwrap_or(default)
        };
        let grid = node
            .bool("grid")
            .then(|| Grid { step: at_least("gridSize", 0.0, 30.0), color: node.str("gridColor").to_owned() });
        let controls: Vec<&Node> = tree.controls_of(&name).collect();
        let boxes = controls
            .iter()
            .filter(|c| c.is("Rectangle") || c.is("RectangleLabels"))
            .map(|c| BoxControl { id: c.id, bare: c.is("Rectangle") })
            .collect();
        let hard_pixels = controls.iter().any(|c| c.is("Bitmask") || c.is("BitmaskLabels"));
        Self {
            urls: urls(node),
            width: css_length(node.str("width")),
            max_width: css_length(node.str("maxWidth")),
            height: node.opt_str("height").map(css_length),
            max_height: css_length(node.str("maxHeight")),
            zoom: node.bool("zoom"),
            zoom_control: node.bool("zoomControl"),
            negative_zoom: node.bool("negativeZoom"),
            zoom_by: at_least("zoomBy", 1.0, 1.1),
            default_zoom: match node.one_of("defaultZoom") {
                "auto" => DefaultZoom::Auto,
                "original" => DefaultZoom::Original,
                _ => DefaultZoom::Fit,
            },
            align: [align("horizontalAlignment"), align("verticalAlignment")],
            grid,
            brightness: node.bool("brightnessControl"),
            contrast: node.bool("contrastControl"),
            rotate: node.bool("rotateControl"),
            crosshair: node.bool("crosshair"),
            selection: node.bool("selectionControl"),
            cross_origin: match node.one_of("crossOrigin") {
                "anonymous" => CrossOrigin::Anonymous,
                "use-credentials" => CrossOrigin::Credentials,
                _ => CrossOrigin::None,
            },
            smoothing: if hard_pixels { Some(false) } else { node.opt_bool("smoothing") },
            boxes,
            name,
        }
    }

    /// The control whose boxes the box tool draws: a bare one if there is one.
    pub(super) fn box_control(&self) -> Option<NodeId> {
        self.boxes.iter().find(|b| b.bare).or_else(|| self.boxes.first()).map(|b| b.id)
    }

    pub(super) fn draws_boxes(&self, control: NodeId) -> bool {
        self.boxes.iter().any(|b| b.id == control)
    }
}

/// A number without a unit means pixels.
fn css_length(text: &str) -> String {
    let text = text.trim();
    if text.parse::<f64>().is_ok_and(f64::is_finite) { format!("{text}px") } else { text.to_owned() }
}

fn urls(node: &Node) -> Result<Vec<String>, String> {
    let text = |v: &Value| v.as_str().map(str::trim).unwrap_or_default().to_owned();
    let list = |items: &[Value]| match items {
        [] => Err("The list of images in this task is empty.".to_owned()),
        items => Ok(items.iter().map(text).collect()),
    };
    let field = |attribute: &str| {
        let written = node.raw(attribute).unwrap_or_default().trim();
        written.strip_prefix('$').unwrap_or(written).to_owned()
    };
    match (node.bound("valueList"), &node.value) {
        (Value::Array(items), _) | (Value::Null, Value::Array(items)) => list(items),
        (Value::Null, Value::String(url)) if !url.trim().is_empty() => Ok(vec![url.trim().to_owned()]),
        (Value::Null, _) if node.raw("valueList").is_some() => {
            Err(format!("The field \"{}\" of this task must hold a list of image URLs.", field("valueList")))
        }
        (Value::Null, _) => {
            Err(format!("There is no image URL in the field \"{}\" of this task.", field("value")))
        }
        (Value::String(url), _) if !url.trim().is_empty() => Ok(vec![url.trim().to_owned()]),
        _ => {
            Err(format!("The field \"{}\" of this task must hold a list of image URLs.", field("valueList")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tagloom_tags::Config;

    fn options(xml: &str, task: Value) -> ImageOptions {
        let tree = Config::new(xml).instantiate(&task);
        ImageOptions::read(&tree, tree.by_name("img").unwrap())
    }

    #[test]
    fn defaults_are_those_of_the_reference() {
        let o = options(r#"<View><Image name="img" value="$i"/></View>"#, json!({"i": "/a.png"}));
        assert_eq!(o.urls, Ok(vec!["/a.png".to_owned()]));
        assert_eq!(
            (o.width.as_str(), o.max_height.as_str(), o.height),
            ("100%", "calc(100vh - 194px)", None)
        );
        assert!(o.zoom && o.zoom_control && o.selection && !o.negative_zoom && !o.crosshair && !o.rotate);
        assert_eq!((o.zoom_by, o.align, o.grid), (1.1, [0.0, 0.0], None));
        assert_eq!(o.default_zoom, DefaultZoom::Fit);
    }

    #[test]
    fn every_attribute_is_read() {
        let o = options(
            r##"<View><Image name="img" value="$i" width="300" maxHeight="50vh" zoom="false" negativeZoom="true"
                zoomBy="1.5" defaultZoom="original" horizontalAlignment="center" verticalAlignment="bottom" grid="true"
                gridSize="10" gridColor="#fff" brightnessControl="true" contrastControl="true" rotateControl="true"
                crosshair="true" selectionControl="false" crossOrigin="use-credentials" smoothing="false"/>
                <RectangleLabels name="l" toName="img"><Label value="A"/></RectangleLabels>
                <Rectangle name="r" toName="img"/></View>"##,
            json!({"i": "/a.png"}),
        );
        assert_eq!((o.width.as_str(), o.max_height.as_str()), ("300px", "50vh"));
        assert_eq!((o.zoom_by, o.align), (1.5, [0.5, 1.0]));
        assert_eq!(o.grid, Some(Grid { step: 10.0, color: "#fff".into() }));
        assert_eq!((o.cross_origin, o.smoothing), (CrossOrigin::Credentials, Some(false)));
        assert!(o.brightness && o.contrast && o.rotate && o.crosshair && !o.selection && !o.zoom);
        assert_eq!(o.boxes.len(), 2);
        assert_eq!(o.box_control(), o.boxes.iter().find(|b| b.bare).map(|b| b.id));
    }

    #[test]
    fn galleries_and_missing_fields() {
        let list = r#"<View><Image name="img" valueList="$is"/></View>"#;
        assert_eq!(options(list, json!({"is": ["/a", "/b"]})).urls, Ok(vec!["/a".into(), "/b".into()]));
        assert!(options(list, json!({"is": 5})).urls.unwrap_err().contains("\"is\""));
        assert!(options(list, json!({})).urls.is_err());
        let one = r#"<View><Image name="img" value="$i"/></View>"#;
        assert!(options(one, json!({"j": 1})).urls.unwrap_err().contains("\"i\""));
        assert_eq!(options(one, json!({"i": ["/a", "/b"]})).urls.unwrap().len(), 2);
    }

    #[test]
    fn bitmasks_need_hard_pixels() {
        let xml =
            r#"<View><Image name="img" value="$i" smoothing="true"/><Bitmask name="b" toName="img"/></View>"#;
        assert_eq!(options(xml, json!({"i": "/a"})).smoothing, Some(false));
    }
}
