//! Configs of the kinds people write, for tags beyond the gallery: all of them open without an error.

use tagloom_tags::{Config, sample_task, validate_for_save};

const CONFIGS: &[&str] = &[
    // Speech, with shortcuts and a per-region transcript.
    r##"<View><Audio name="audio" value="$audio" zoom="true" hotkey="ctrl+shift+space"/>
    <Labels name="speaker" toName="audio"><Label value="A" background="#FFA39E"/><Label value="B"/></Labels>
    <TextArea name="words" toName="audio" rows="2" editable="true" perRegion="true" required="true"><Shortcut alias="pause" value="[pause]" hotkey="ctrl+1"/></TextArea></View>"##,
    // Reading text off a page: two tools, labels and a transcript per region.
    r#"<View><Image name="page" value="$ocr" zoom="true" rotateControl="true" zoomControl="true"/>
    <Labels name="kind" toName="page"><Label value="Line"/><Label value="Stamp"/></Labels>
    <Rectangle name="box" toName="page" strokeWidth="3"/><Polygon name="outline" toName="page" strokeWidth="3"/>
    <TextArea name="reading" toName="page" editable="true" perRegion="true" displayMode="region-list"/></View>"#,
    // Every kind of mask and point.
    r#"<View><Image name="i" value="$i" brightnessControl="true"/><BrushLabels name="b" toName="i"><Label value="x"/></BrushLabels>
    <BitmaskLabels name="m" toName="i"><Label value="x"/></BitmaskLabels><KeyPointLabels name="k" toName="i" strokeWidth="3" smart="true"><Label value="x"/></KeyPointLabels>
    <EllipseLabels name="e" toName="i"><Label value="x"/></EllipseLabels><PolygonLabels name="p" toName="i" pointSize="small"><Label value="x"/></PolygonLabels>
    <VectorLabels name="v" toName="i" closable="true"><Label value="x"/></VectorLabels><MagicWand name="w" toName="i"/></View>"#,
    // Tracking and timelines in a video.
    r#"<View><Labels name="who" toName="video" allowEmpty="true"><Label value="Man"/><Label value="Dog"/></Labels>
    <Video name="video" value="$video" framerate="25.0"/><VideoRectangle name="box" toName="video"/>
    <TimelineLabels name="phase" toName="video"><Label value="Start"/></TimelineLabels></View>"#,
    // A dialogue with sound.
    r#"<View><ParagraphLabels name="act" toName="talk"><Label value="Question"/><Label value="Answer"/></ParagraphLabels>
    <Paragraphs name="talk" value="$talk" layout="dialogue" nameKey="speaker" audioUrl="$sound" showPlayer="true" contextScroll="true"/></View>"#,
    // Comparing and ranking.
    r#"<View><Pairwise name="better" toName="left,right" selectionStyle="background: #27b5d5"/><Text name="left" value="$a"/><Text name="right" value="$b"/></View>"#,
    r#"<View><List name="answers" value="$items" title="Answers"/><Ranker name="rank" toName="answers"><Bucket name="good" title="Good"/><Bucket name="bad" title="Bad" default="true"/></Ranker></View>"#,
    // A taxonomy, a rating, a number, a date.
    r#"<View><Text name="t" value="$t"/><Taxonomy name="x" toName="t" leafsOnly="true" pathSeparator=" > "><Choice value="A"><Choice value="B" alias="b"/></Choice></Taxonomy>
    <Rating name="r" toName="t" maxRating="10" icon="star" size="medium"/><Number name="n" toName="t" min="0" max="1" step=".1"/><DateTime name="d" toName="t" only="date,time" format="%d.%m.%Y"/></View>"#,
    // Filtered labels, HTML captions, a table and a PDF.
    r#"<View><Filter name="f" toName="l" hotkey="shift+f" minlength="0"/><Labels name="l" toName="t" showInline="false"><Label value="A" html="&lt;b&gt;A&lt;/b&gt;"/></Labels>
    <Text name="t" value="$t"/><Table name="tab" value="$meta"/><Pdf name="pdf" value="$pdf"/><Markdown># Read this</Markdown></View>"#,
    // Lower-case tags and attributes.
    r#"<view><image name="i" value="$i"/><rectanglelabels name="r" toname="i"><label value="A"/></rectanglelabels></view>"#,
];

#[test]
fn all_open() {
    for xml in CONFIGS {
        let config = Config::new(xml);
        let serious: Vec<_> = config
            .diagnostics()
            .iter()
            .filter(|d| d.severity > tagloom_label_config::Severity::Info)
            .collect();
        assert!(serious.is_empty(), "{xml}\n{serious:?}");
        assert_eq!(validate_for_save(&config), Ok(()), "{xml}");
        let task = sample_task(&config);
        let tree = config.instantiate(&task["data"]);
        assert!(tree.objects().all(|object| object.value != ""), "{task}");
    }
}
