//! Whether a text is a CSS color.

const NAMED: &str = " aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown \
burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan darkgoldenrod darkgray \
darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen darkslateblue \
darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite \
forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink indianred indigo ivory \
khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen \
lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime \
limegreen linen magenta maroon mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue \
mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy oldlace olive \
olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru pink plum \
powderblue purple rebeccapurple red rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue \
slateblue slategray slategrey snow springgreen steelblue tan teal thistle tomato turquoise violet wheat white whitesmoke \
yellow yellowgreen transparent currentcolor inherit none ";

/// Hex, functional notation, `var()` or a color name. Arguments of functions are not checked.
pub(super) fn is_color(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    if let Some(hex) = lower.strip_prefix('#') {
        return matches!(hex.len(), 3 | 4 | 6 | 8) && hex.chars().all(|c| c.is_ascii_hexdigit());
    }
    let functions =
        ["rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "lch(", "oklab(", "oklch(", "color(", "var("];
    if functions.iter().any(|function| lower.starts_with(function)) {
        return lower.ends_with(')');
    }
    !lower.contains(' ') && NAMED.contains(&format!(" {lower} "))
}

#[cfg(test)]
mod tests {
    use super::is_color;

    #[test]
    fn colors() {
        for color in [
            "red",
            "Red",
            "#fff",
            "#FFA39E",
            "#11223344",
            "rgba(1, 2, 3, .5)",
            "oklch(70% .1 20)",
            "transparent",
        ] {
            assert!(is_color(color), "{color}");
        }
        for color in ["rod", "#ff", "#ggg", "rgb(1,2", "light blue", ""] {
            assert!(!is_color(color), "{color}");
        }
    }
}
