noperspective in vec2 from_a;
flat in float piece_px, reach_px;
in vec3 at;

uniform vec4 ink;

out vec4 colour;

void main()
{
    vec2 off = vec2(from_a.x - clamp(from_a.x, 0.0, piece_px), from_a.y);
    float cover = clamp(reach_px + 0.5 - length(off), 0.0, 1.0);
    if (cover <= 0.0)
        discard;
    colour = vec4(hazed(ink.rgb, at), ink.a * cover);
}
