//! One icon set: Lucide (ISC), 24-unit outlines inlined as they are used, drawn at 16 px with a 1.5 px stroke.
//!
//! `SHAPES` of an icon are SVG elements without the frame; they hold no user data.

use leptos::prelude::*;

/// The inside of an icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph(pub &'static str);

pub const UNDO: Glyph =
    Glyph("<path d='M9 14 4 9l5-5'/><path d='M4 9h10.5a5.5 5.5 0 0 1 5.5 5.5a5.5 5.5 0 0 1-5.5 5.5H11'/>");
pub const REDO: Glyph =
    Glyph("<path d='m15 14 5-5-5-5'/><path d='M20 9H9.5A5.5 5.5 0 0 0 4 14.5A5.5 5.5 0 0 0 9.5 20H13'/>");
pub const RESET: Glyph =
    Glyph("<path d='M3 12a9 9 0 1 0 9-9 9.75 9.75 0 0 0-6.74 2.74L3 8'/><path d='M3 3v5h5'/>");
pub const SETTINGS: Glyph = Glyph(
    "<path d='M9.671 4.136a2.34 2.34 0 0 1 4.659 0 2.34 2.34 0 0 0 3.319 1.915 2.34 2.34 0 0 1 2.33 4.033 2.34 2.34 0 0 0 0 3.831 2.34 2.34 0 0 1-2.33 4.033 2.34 2.34 0 0 0-3.319 1.915 2.34 2.34 0 0 1-4.659 0 2.34 2.34 0 0 0-3.32-1.915 2.34 2.34 0 0 1-2.33-4.033 2.34 2.34 0 0 0 0-3.831A2.34 2.34 0 0 1 6.35 6.051a2.34 2.34 0 0 0 3.319-1.915'/><circle cx='12' cy='12' r='3'/>",
);
pub const HELP: Glyph = Glyph(
    "<circle cx='12' cy='12' r='10'/><path d='M9.09 9a3 3 0 0 1 5.83 1c0 2-3 3-3 3'/><path d='M12 17h.01'/>",
);
pub const PLUS: Glyph = Glyph("<path d='M5 12h14'/><path d='M12 5v14'/>");
pub const MORE: Glyph =
    Glyph("<circle cx='12' cy='12' r='1'/><circle cx='12' cy='5' r='1'/><circle cx='12' cy='19' r='1'/>");
pub const CLOSE: Glyph = Glyph("<path d='M18 6 6 18'/><path d='m6 6 12 12'/>");
pub const TRASH: Glyph = Glyph(
    "<path d='M10 11v6'/><path d='M14 11v6'/><path d='M19 6v14a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V6'/><path d='M3 6h18'/><path d='M8 6V4a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v2'/>",
);
pub const COPY: Glyph = Glyph(
    "<rect width='14' height='14' x='8' y='8' rx='2' ry='2'/><path d='M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2'/>",
);
pub const STAR: Glyph = Glyph(
    "<path d='M11.525 2.295a.53.53 0 0 1 .95 0l2.31 4.679a2.123 2.123 0 0 0 1.595 1.16l5.166.756a.53.53 0 0 1 .294.904l-3.736 3.638a2.123 2.123 0 0 0-.611 1.878l.882 5.14a.53.53 0 0 1-.771.56l-4.618-2.428a2.122 2.122 0 0 0-1.973 0L6.396 21.01a.53.53 0 0 1-.77-.56l.881-5.139a2.122 2.122 0 0 0-.611-1.879L2.16 9.795a.53.53 0 0 1 .294-.906l5.165-.755a2.122 2.122 0 0 0 1.597-1.16z'/>",
);
pub const EYE: Glyph = Glyph(
    "<path d='M2.062 12.348a1 1 0 0 1 0-.696 10.75 10.75 0 0 1 19.876 0 1 1 0 0 1 0 .696 10.75 10.75 0 0 1-19.876 0'/><circle cx='12' cy='12' r='3'/>",
);
pub const EYE_OFF: Glyph = Glyph(
    "<path d='M10.733 5.076a10.744 10.744 0 0 1 11.205 6.575 1 1 0 0 1 0 .696 10.747 10.747 0 0 1-1.444 2.49'/><path d='M14.084 14.158a3 3 0 0 1-4.242-4.242'/><path d='M17.479 17.499a10.75 10.75 0 0 1-15.417-5.151 1 1 0 0 1 0-.696 10.75 10.75 0 0 1 4.446-5.143'/><path d='m2 2 20 20'/>",
);
pub const LOCK: Glyph =
    Glyph("<rect width='18' height='11' x='3' y='11' rx='2' ry='2'/><path d='M7 11V7a5 5 0 0 1 10 0v4'/>");
pub const LOCK_OPEN: Glyph =
    Glyph("<rect width='18' height='11' x='3' y='11' rx='2' ry='2'/><path d='M7 11V7a5 5 0 0 1 9.9-1'/>");
pub const SELECT: Glyph = Glyph(
    "<path d='M4.037 4.688a.495.495 0 0 1 .651-.651l16 6.5a.5.5 0 0 1-.063.947l-6.124 1.58a2 2 0 0 0-1.438 1.435l-1.579 6.126a.5.5 0 0 1-.947.063z'/>",
);
pub const PAN: Glyph = Glyph(
    "<path d='M18 11V6a2 2 0 0 0-2-2a2 2 0 0 0-2 2'/><path d='M14 10V4a2 2 0 0 0-2-2a2 2 0 0 0-2 2v2'/><path d='M10 10.5V6a2 2 0 0 0-2-2a2 2 0 0 0-2 2v8'/><path d='M18 8a2 2 0 1 1 4 0v6a8 8 0 0 1-8 8h-2c-2.8 0-4.5-.86-5.99-2.34l-3.6-3.6a2 2 0 0 1 2.83-2.82L7 15'/>",
);
pub const RECTANGLE: Glyph = Glyph("<rect width='18' height='18' x='3' y='3' rx='2'/>");
pub const ELLIPSE: Glyph = Glyph("<circle cx='12' cy='12' r='10'/>");
pub const POLYGON: Glyph = Glyph(
    "<path d='M21 16V8a2 2 0 0 0-1-1.73l-7-4a2 2 0 0 0-2 0l-7 4A2 2 0 0 0 3 8v8a2 2 0 0 0 1 1.73l7 4a2 2 0 0 0 2 0l7-4A2 2 0 0 0 21 16z'/>",
);
pub const VECTOR: Glyph =
    Glyph("<circle cx='19' cy='5' r='2'/><circle cx='5' cy='19' r='2'/><path d='M5 17A12 12 0 0 1 17 5'/>");
pub const BRUSH: Glyph = Glyph(
    "<path d='m11 10 3 3'/><path d='M6.5 21A3.5 3.5 0 1 0 3 17.5a2.62 2.62 0 0 1-.708 1.792A1 1 0 0 0 3 21z'/><path d='M9.969 17.031 21.378 5.624a1 1 0 0 0-3.002-3.002L6.967 14.031'/>",
);
pub const ERASER: Glyph = Glyph(
    "<path d='M21 21H8a2 2 0 0 1-1.42-.587l-3.994-3.999a2 2 0 0 1 0-2.828l10-10a2 2 0 0 1 2.829 0l5.999 6a2 2 0 0 1 0 2.828L12.834 21'/><path d='m5.082 11.09 8.828 8.828'/>",
);
pub const WAND: Glyph = Glyph(
    "<path d='m21.64 3.64-1.28-1.28a1.21 1.21 0 0 0-1.72 0L2.36 18.64a1.21 1.21 0 0 0 0 1.72l1.28 1.28a1.2 1.2 0 0 0 1.72 0L21.64 5.36a1.2 1.2 0 0 0 0-1.72'/><path d='m14 7 3 3'/><path d='M5 6v4'/><path d='M19 14v4'/><path d='M10 2v2'/><path d='M7 8H3'/><path d='M21 16h-4'/><path d='M11 3H9'/>",
);
pub const KEYPOINT: Glyph = Glyph(
    "<circle cx='12' cy='12' r='10'/><line x1='22' x2='18' y1='12' y2='12'/><line x1='6' x2='2' y1='12' y2='12'/><line x1='12' x2='12' y1='6' y2='2'/><line x1='12' x2='12' y1='22' y2='18'/>",
);
pub const TEXT: Glyph =
    Glyph("<path d='M12 4v16'/><path d='M4 7V5a1 1 0 0 1 1-1h14a1 1 0 0 1 1 1v2'/><path d='M9 20h6'/>");
pub const PENCIL: Glyph = Glyph(
    "<path d='M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497z'/><path d='m15 5 4 4'/>",
);
pub const ZOOM_IN: Glyph = Glyph(
    "<circle cx='11' cy='11' r='8'/><path d='m21 21-4.34-4.34'/><path d='M11 8v6'/><path d='M8 11h6'/>",
);
pub const ZOOM_OUT: Glyph =
    Glyph("<circle cx='11' cy='11' r='8'/><path d='m21 21-4.34-4.34'/><path d='M8 11h6'/>");
pub const SEARCH: Glyph = Glyph("<path d='m21 21-4.34-4.34'/><circle cx='11' cy='11' r='8'/>");
pub const CHEVRON_DOWN: Glyph = Glyph("<path d='m6 9 6 6 6-6'/>");
pub const CHEVRON_RIGHT: Glyph = Glyph("<path d='m9 18 6-6-6-6'/>");
pub const ARROW_RIGHT: Glyph = Glyph("<path d='M5 12h14'/><path d='m12 5 7 7-7 7'/>");
pub const ARROW_LEFT: Glyph = Glyph("<path d='m12 19-7-7 7-7'/><path d='M19 12H5'/>");
pub const ARROW_BOTH: Glyph =
    Glyph("<path d='M8 3 4 7l4 4'/><path d='M4 7h16'/><path d='m16 21 4-4-4-4'/><path d='M20 17H4'/>");
pub const CHECK: Glyph = Glyph("<path d='M20 6 9 17l-5-5'/>");
pub const ON_MACHINE: Glyph = Glyph(
    "<path d='m9 10 2 2 4-4'/><rect width='20' height='14' x='2' y='3' rx='2'/><path d='M12 17v4'/><path d='M8 21h8'/>",
);
pub const ON_SERVER: Glyph = Glyph(
    "<path d='m17 15-5.5 5.5L9 18'/><path d='M5.516 16.07A7 7 0 1 1 15.71 8h1.79a4.5 4.5 0 0 1 3.501 7.327'/>",
);
pub const WARNING: Glyph = Glyph(
    "<path d='m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3'/><path d='M12 9v4'/><path d='M12 17h.01'/>",
);
pub const INFO: Glyph = Glyph("<circle cx='12' cy='12' r='10'/><path d='M12 16v-4'/><path d='M12 8h.01'/>");
pub const ERROR: Glyph = Glyph("<circle cx='12' cy='12' r='10'/><path d='m15 9-6 6'/><path d='m9 9 6 6'/>");
pub const SERIES: Glyph = Glyph("<path d='M3 3v16a2 2 0 0 0 2 2h16'/><path d='m19 9-5 5-4-4-3 3'/>");
pub const PLAY: Glyph = Glyph("<path d='m6 3 14 9-14 9z'/>");
pub const PAUSE: Glyph = Glyph(
    "<rect x='14' y='4' width='4' height='16' rx='1'/><rect x='6' y='4' width='4' height='16' rx='1'/>",
);
pub const STEP_BACK: Glyph = Glyph("<path d='m15 18-6-6 6-6'/>");
pub const STEP_FORWARD: Glyph = Glyph("<path d='m9 18 6-6-6-6'/>");
pub const SKIP_BACK: Glyph = Glyph("<path d='m19 20-10-8 10-8z'/><path d='M5 19V5'/>");
pub const SKIP_FORWARD: Glyph = Glyph("<path d='m5 4 10 8-10 8z'/><path d='M19 5v14'/>");
pub const LOOP: Glyph = Glyph(
    "<path d='m17 2 4 4-4 4'/><path d='M3 11v-1a4 4 0 0 1 4-4h14'/><path d='m7 22-4-4 4-4'/><path d='M21 13v1a4 4 0 0 1-4 4H3'/>",
);
pub const KEYFRAME: Glyph = Glyph("<path d='m12 4 8 8-8 8-8-8z'/>");
pub const LIFE_END: Glyph = Glyph("<path d='M3 12h12'/><path d='m11 8 4 4-4 4'/><path d='M20 5v14'/>");
pub const VOLUME: Glyph = Glyph(
    "<path d='M11 5 6 9H3v6h3l5 4z'/><path d='M15.5 8.5a5 5 0 0 1 0 7'/><path d='M18.5 5.5a9 9 0 0 1 0 13'/>",
);
pub const TIMELINE: Glyph =
    Glyph("<path d='M6 3v18'/><path d='M10 6h10'/><path d='M3 12h8'/><path d='M12 18h6'/>");
pub const VIDEO: Glyph = Glyph(
    "<rect width='18' height='18' x='3' y='3' rx='2'/><path d='M7 3v18'/><path d='M3 7.5h4'/><path d='M3 12h18'/><path d='M3 16.5h4'/><path d='M17 3v18'/><path d='M17 7.5h4'/><path d='M17 16.5h4'/>",
);
pub const AUDIO: Glyph = Glyph(
    "<path d='M2 10v3'/><path d='M6 6v11'/><path d='M10 3v18'/><path d='M14 8v7'/><path d='M18 5v13'/><path d='M22 10v3'/>",
);
pub const PARAGRAPHS: Glyph = Glyph(
    "<path d='M22 17a2 2 0 0 1-2 2H6.828a2 2 0 0 0-1.414.586l-2.202 2.202A.71.71 0 0 1 2 21.286V5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2z'/>",
);
pub const HISTORY: Glyph = Glyph(
    "<path d='M3 12a9 9 0 1 0 9-9 9.75 9.75 0 0 0-6.74 2.74L3 8'/><path d='M3 3v5h5'/><path d='M12 7v5l4 2'/>",
);
pub const REGIONS: Glyph = Glyph(
    "<path d='M3 5h.01'/><path d='M3 12h.01'/><path d='M3 19h.01'/><path d='M8 5h13'/><path d='M8 12h13'/><path d='M8 19h13'/>",
);
pub const RELATIONS: Glyph = Glyph(
    "<path d='M10 13a5 5 0 0 0 7.54.54l3-3a5 5 0 0 0-7.07-7.07l-1.72 1.71'/><path d='M14 11a5 5 0 0 0-7.54-.54l-3 3a5 5 0 0 0 7.07 7.07l1.71-1.71'/>",
);
pub const PANEL_CLOSE: Glyph =
    Glyph("<rect width='18' height='18' x='3' y='3' rx='2'/><path d='M15 3v18'/><path d='m8 9 3 3-3 3'/>");
pub const PANEL_OPEN: Glyph =
    Glyph("<rect width='18' height='18' x='3' y='3' rx='2'/><path d='M15 3v18'/><path d='m10 15-3-3 3-3'/>");
pub const SIGN_OUT: Glyph = Glyph(
    "<path d='m16 17 5-5-5-5'/><path d='M21 12H9'/><path d='M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4'/>",
);
pub const SUN: Glyph = Glyph(
    "<circle cx='12' cy='12' r='4'/><path d='M12 2v2'/><path d='M12 20v2'/><path d='m4.93 4.93 1.41 1.41'/><path d='m17.66 17.66 1.41 1.41'/><path d='M2 12h2'/><path d='M20 12h2'/><path d='m6.34 17.66-1.41 1.41'/><path d='m19.07 4.93-1.41 1.41'/>",
);
pub const MOON: Glyph = Glyph(
    "<path d='M20.985 12.486a9 9 0 1 1-9.473-9.472c.405-.022.617.46.402.803a6 6 0 0 0 8.268 8.268c.344-.215.825-.004.803.401'/>",
);
pub const SUN_MOON: Glyph = Glyph(
    "<path d='M12 2v2'/><path d='M14.837 16.385a6 6 0 1 1-7.223-7.222c.624-.147.97.66.715 1.248a4 4 0 0 0 5.26 5.259c.589-.255 1.396.09 1.248.715'/><path d='M16 12a4 4 0 0 0-4-4'/><path d='m19 5-1.256 1.256'/><path d='M20 12h2'/>",
);
pub const KEYBOARD: Glyph = Glyph(
    "<path d='M10 8h.01'/><path d='M12 12h.01'/><path d='M14 8h.01'/><path d='M16 12h.01'/><path d='M18 8h.01'/><path d='M6 8h.01'/><path d='M7 16h10'/><path d='M8 12h.01'/><rect width='20' height='16' x='2' y='4' rx='2'/>",
);
pub const PALETTE: Glyph =
    Glyph("<path d='M15 6v12a3 3 0 1 0 3-3H6a3 3 0 1 0 3 3V6a3 3 0 1 0-3 3h12a3 3 0 1 0-3-3'/>");
pub const SORT_UP: Glyph = Glyph(
    "<path d='m3 8 4-4 4 4'/><path d='M7 4v16'/><path d='M11 12h4'/><path d='M11 16h7'/><path d='M11 20h10'/>",
);
pub const SORT_DOWN: Glyph = Glyph(
    "<path d='m3 16 4 4 4-4'/><path d='M7 20V4'/><path d='M11 4h10'/><path d='M11 8h7'/><path d='M11 12h4'/>",
);
pub const GROUP: Glyph = Glyph(
    "<path d='M12.83 2.18a2 2 0 0 0-1.66 0L2.6 6.08a1 1 0 0 0 0 1.83l8.58 3.91a2 2 0 0 0 1.66 0l8.58-3.9a1 1 0 0 0 0-1.83z'/><path d='M2 12a1 1 0 0 0 .58.91l8.6 3.91a2 2 0 0 0 1.65 0l8.58-3.9A1 1 0 0 0 22 12'/><path d='M2 17a1 1 0 0 0 .58.91l8.6 3.91a2 2 0 0 0 1.65 0l8.58-3.9A1 1 0 0 0 22 17'/>",
);
pub const TAG: Glyph = Glyph(
    "<path d='M12.586 2.586A2 2 0 0 0 11.172 2H4a2 2 0 0 0-2 2v7.172a2 2 0 0 0 .586 1.414l8.704 8.704a2.426 2.426 0 0 0 3.42 0l6.58-6.58a2.426 2.426 0 0 0 0-3.42z'/><circle cx='7.5' cy='7.5' r='.5' fill='currentColor'/>",
);
pub const PREDICTION: Glyph = Glyph(
    "<path d='M11.017 2.814a1 1 0 0 1 1.966 0l1.051 5.558a2 2 0 0 0 1.594 1.594l5.558 1.051a1 1 0 0 1 0 1.966l-5.558 1.051a2 2 0 0 0-1.594 1.594l-1.051 5.558a1 1 0 0 1-1.966 0l-1.051-5.558a2 2 0 0 0-1.594-1.594l-5.558-1.051a1 1 0 0 1 0-1.966l5.558-1.051a2 2 0 0 0 1.594-1.594z'/><path d='M20 2v4'/><path d='M22 4h-4'/><circle cx='4' cy='20' r='2'/>",
);
pub const GRIP: Glyph = Glyph(
    "<circle cx='9' cy='12' r='1'/><circle cx='9' cy='5' r='1'/><circle cx='9' cy='19' r='1'/><circle cx='15' cy='12' r='1'/><circle cx='15' cy='5' r='1'/><circle cx='15' cy='19' r='1'/>",
);
pub const DOCUMENT: Glyph = Glyph(
    "<path d='M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h8a2.4 2.4 0 0 1 1.704.706l3.588 3.588A2.4 2.4 0 0 1 20 8v12a2 2 0 0 1-2 2z'/><path d='M14 2v5a1 1 0 0 0 1 1h5'/><path d='M10 9H8'/><path d='M16 13H8'/><path d='M16 17H8'/>",
);
pub const SKIP: Glyph = Glyph(
    "<path d='M21 4v16'/><path d='M6.029 4.285A2 2 0 0 0 3 6v12a2 2 0 0 0 3.029 1.715l9.997-5.998a2 2 0 0 0 .003-3.432z'/>",
);
pub const BOOK: Glyph = Glyph(
    "<path d='M12 5v16'/><path d='M20.001 19A2 2 0 0022 17V5a2 2 0 00-1.999-2L16 3.002A5 5 0 0012 5a5 5 0 00-4-2H4a2 2 0 00-2 2v12a2 2 0 001.999 2H8a5 5 0 014 2 5 5 0 014-2z'/>",
);
pub const DETAILS: Glyph = Glyph(
    "<path d='M10 5H3'/><path d='M12 19H3'/><path d='M14 3v4'/><path d='M16 17v4'/><path d='M21 12h-9'/><path d='M21 19h-5'/><path d='M21 5h-7'/><path d='M8 10v4'/><path d='M8 12H3'/>",
);
pub const HASH: Glyph = Glyph(
    "<line x1='4' x2='20' y1='9' y2='9'/><line x1='4' x2='20' y1='15' y2='15'/><line x1='10' x2='8' y1='3' y2='21'/><line x1='16' x2='14' y1='3' y2='21'/>",
);
pub const UNKNOWN: Glyph = Glyph(
    "<path d='M5 3a2 2 0 0 0-2 2'/><path d='M19 3a2 2 0 0 1 2 2'/><path d='M21 19a2 2 0 0 1-2 2'/><path d='M5 21a2 2 0 0 1-2-2'/><path d='M9 3h1'/><path d='M9 21h1'/><path d='M14 3h1'/><path d='M14 21h1'/><path d='M3 9v1'/><path d='M21 9v1'/><path d='M3 14v1'/><path d='M21 14v1'/>",
);

/// The icon of a region's kind, as [`tagloom_annotation_store::Geometry::kind`] names it.
pub fn of_kind(kind: &str) -> Glyph {
    match kind {
        "rectangle" | "rectanglelabels" | "videorectangle" => RECTANGLE,
        "ellipse" | "ellipselabels" => ELLIPSE,
        "polygon" | "polygonlabels" => POLYGON,
        "vector" | "vectorlabels" => VECTOR,
        "keypoint" | "keypointlabels" => KEYPOINT,
        "brush" | "bitmask" | "brushlabels" | "bitmasklabels" => BRUSH,
        "magicwand" => WAND,
        "text" | "hypertext" => TEXT,
        "paragraphs" => PARAGRAPHS,
        "audio" => AUDIO,
        "timeseries" => SERIES,
        "timeline" => VIDEO,
        _ => UNKNOWN,
    }
}

/// An icon beside a text or inside a button that has a name of its own.
#[component]
pub fn Icon(glyph: Glyph) -> impl IntoView {
    view! {
        <svg class="tl-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round"
            stroke-linejoin="round" aria-hidden="true" focusable="false" inner_html=glyph.0></svg>
    }
}
