//! Which configs a project accepts.

use tagloom_tags::{Config, validate_for_save};

fn problems(xml: &str) -> Vec<String> {
    validate_for_save(&Config::new(xml)).err().unwrap_or_default()
}

#[test]
fn accepted() {
    for xml in [
        "<View></View>",
        r#"<View><Text name="t" value="$t"/><Labels name="l" toName="t" value="$labels"/></View>"#,
        // The original takes a lower-case toname for a second name.
        r#"<View><Text name="t" value="$t"/><Labels name="l" toname="t"><Label value="A"/></Labels></View>"#,
        r#"<View><Text name="t" value="$t"/><Labels name="l" toName="t"><View><Label value="A"/></View></Labels></View>"#,
        r#"<View><Repeater on="$a"><Text name="t{{idx}}" value="$a[{{idx}}]"/><Rating name="r{{idx}}" toName="t{{idx}}"/></Repeater></View>"#,
        r#"<View><Video name="v" value="$v" defaultPlaybackSpeed="2" minPlaybackSpeed="0.5"/></View>"#,
        // Problems that do not keep a config from being saved.
        r#"<View><Blink/><Text name="t" value="$t" granularity="words"/></View>"#,
    ] {
        assert_eq!(problems(xml), Vec::<String>::new(), "{xml}");
    }
}

#[test]
fn refused() {
    for (xml, part) in [
        ("", "no tags"),
        ("<Text name='t' value='$t'/>", "root tag must be View"),
        ("<!DOCTYPE x><View/>", "not allowed"),
        ("<View><Text name='t' value='$t'></View>", "never closed"),
        ("<View><Choices name='c' toName='t'/><Text name='t' value='$t'/></View>", "at least one Choice"),
        (
            "<View><Labels name='c'><Label value='A'/></Labels><Text name='t' value='$t'/></View>",
            "needs toName",
        ),
        (
            "<View><Labels name='c' toName='t'><Label/></Labels><Text name='t' value='$t'/></View>",
            "Label needs a value",
        ),
        (
            "<View><View><Image name='i' value='$a' valueList='$b'/></View></View>",
            "exactly one of value and valueList",
        ),
        ("<View><TextArea name='a'/><Text name='t' value='$t'/></View>", "needs toName"),
        ("<View><Text name='t' value='$t'/><Text name='t' value='$u'/></View>", "used twice"),
        ("<View><Text name='t' value='$t'/><Rating name='r' toName='x'/></View>", "no tag is named `x`"),
        ("<View><Video name='v' value='$v' minPlaybackSpeed='0.01'/></View>", "from 0.05 to 10"),
        (
            "<View><Video name='v' value='$v' minPlaybackSpeed='2' defaultPlaybackSpeed='1'/></View>",
            "larger than",
        ),
    ] {
        let problems = problems(xml);
        assert!(problems.iter().any(|problem| problem.contains(part)), "{xml}: {problems:?}");
    }
}
