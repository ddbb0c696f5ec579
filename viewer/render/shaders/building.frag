flat in vec3 albedo;
flat in vec3 facing;
flat in uint kind;
in vec3 at;
in float up_m;

uniform sampler2DShadow shadow_map;

out vec4 colour;

void main()
{
    vec3 base = albedo;
    if ((kind & 1u) == 0u) {
        /* Less sky reaches the foot of a wall. */
        base *= mix(0.62, 1.0, smoothstep(0.0, 14.0, up_m));
        /* A line a storey while it is wide enough to see. */
        float w = fwidth(up_m);
        float line = abs(fract(up_m / 3.0) - 0.5) * 3.0; /* 1.5 at a slab */
        float slab = smoothstep(1.30 - w, 1.36, line) * step(1.0, up_m);
        base *= 1.0 - 0.16 * slab * (1.0 - smoothstep(0.25, 0.9, w));
    }
    float sun = sun_at(shadow_map, at, facing);
    vec3 light = lit(base, facing, sun);
    /* An alert keeps its colour in the shade and in the haze. */
    if ((kind & 1024u) != 0u)
        colour = vec4(mix(light, albedo, 0.55), 1.0);
    else
        colour = vec4(hazed(light, at), 1.0);
}
