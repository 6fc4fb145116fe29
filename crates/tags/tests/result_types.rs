//! Types of the results, printed.

use tagloom_tags::{Config, json_schema, typescript};

const CONFIG: &str = r#"<View>
  <Image name="img" value="$image"/>
  <RectangleLabels name="box" toName="img"><Label value="Car"/><Label value="Pedestrian" alias="ped"/></RectangleLabels>
  <Choices name="time-of-day" toName="img" required="true"><Choice value="Day"/><Choice value="Night"/></Choices>
  <Rating name="quality" toName="img" maxRating="3"/>
  <TextArea name="plate" toName="img" perRegion="true"/>
  <Relations><Relation value="follows"/></Relations>
</View>"#;

#[test]
fn typescript_has_literal_labels() {
    insta::assert_snapshot!(typescript(&Config::new(CONFIG)));
}

#[test]
fn schema_has_literal_labels() {
    let schema = json_schema(&Config::new(CONFIG));
    let value = &schema["$defs"]["BoxResult"]["properties"]["value"];
    assert_eq!(value["properties"]["rectanglelabels"]["items"]["enum"], serde_json::json!(["Car", "ped"]));
    assert_eq!(
        schema["$defs"]["QualityResult"]["properties"]["value"]["properties"]["rating"]["enum"],
        serde_json::json!([1, 2, 3])
    );
    assert_eq!(schema["$defs"]["RelationResult"]["properties"]["labels"]["items"]["const"], "follows");
    assert_eq!(schema["items"]["anyOf"].as_array().unwrap().len(), 5);
}

#[test]
fn repeated_controls_are_patterns() {
    let config = Config::new(
        r#"<View><Repeater on="$pages"><Image name="p_{{idx}}" value="$pages[{{idx}}]"/>
        <Choices name="c_{{idx}}" toName="p_{{idx}}" allowNested="true"><Choice value="A"><Choice value="B"/></Choice></Choices></Repeater></View>"#,
    );
    assert_eq!(config.diagnostics(), []);
    let text = typescript(&config);
    assert!(text.contains("from_name: `c_${number}`;") && text.contains("to_name: `p_${number}`;"), "{text}");
    assert!(text.contains(r#"choices: ("A" | "B")[][];"#), "{text}");
    let schema = json_schema(&config);
    let pattern = &schema["$defs"]["CIdxResult"]["properties"]["from_name"]["pattern"];
    assert_eq!(pattern, "^c_\\d+$");
}

#[test]
fn labels_on_an_image_have_the_shapes_of_its_tools() {
    let config = Config::new(
        r#"<View><Image name="i" value="$i"/><Rectangle name="r" toName="i"/><Brush name="b" toName="i"/>
        <Labels name="l" toName="i"><Label value="X"/></Labels></View>"#,
    );
    let text = typescript(&config);
    let item = text.split("interface LResult").nth(1).unwrap();
    assert!(item.contains("rotation") && item.contains("rle") && item.contains(r#"labels: "X"[]"#), "{item}");
}
