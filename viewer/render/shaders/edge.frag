flat in uint flags;
in vec3 at;
in float strength;

uniform vec4 edge_colour; /* a: strength */
uniform vec4 selected_colour;
uniform bool only_selected;

out vec4 colour;

void main()
{
    bool selected = (flags & 1u) != 0u;
    if (only_selected != selected)
        discard;
    if (selected)
        colour = vec4(selected_colour.rgb, 1.0);
    else
        colour = vec4(hazed(edge_colour.rgb, at), edge_colour.a * strength);
}
