/* What every shader knows: the frame, light and haze.  Positions are metres relative
   to the eye; colours are linear light. */
layout(std140) uniform Frame {
    mat4 view;
    mat4 projection;
    mat4 shadow_matrix;   /* from the eye's frame to the map's 0 … 1 */
    vec4 sun_direction;   /* towards the sun */
    vec4 sun_light;
    vec4 sky_light;
    vec4 bounce_light;
    vec4 horizon;         /* a: strength of the haze */
    vec4 zenith;
    vec4 viewport;        /* width, height, near, pixels per point */
    vec4 haze;            /* distance where it begins, length; shadow's reach; 1, 2: shadows, soft */
} frame;

vec3 linear(vec3 c)
{
    return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c));
}

vec3 hazed(vec3 colour, vec3 at)
{
    float d = max(0.0, length(at) - frame.haze.x) / frame.haze.y;
    return mix(colour, frame.horizon.rgb, frame.horizon.a * (1.0 - exp(-d * d)));
}

vec3 lit(vec3 albedo, vec3 normal, float sun)
{
    float up = normal.z * 0.5 + 0.5;
    vec3 light = mix(frame.bounce_light.rgb, frame.sky_light.rgb, up);
    light += frame.sun_light.rgb * (sun * max(0.0, dot(normal, frame.sun_direction.xyz)));
    return albedo * light;
}

/* Share of the sun that reaches a place: four soft looks at the map. */
float sun_at(sampler2DShadow map, vec3 at, vec3 normal)
{
    if (frame.haze.w < 0.5)
        return 1.0;
    vec2 texel = 1.0 / vec2(textureSize(map, 0));
    /* Step off the surface by about a texel so that it does not shade itself. */
    vec3 p = (frame.shadow_matrix * vec4(at + normal * frame.sun_direction.w, 1.0)).xyz;
    vec2 off = abs(p.xy * 2.0 - 1.0);
    float edge = max(off.x, off.y);
    if (edge >= 1.0)
        return 1.0;
    if (frame.haze.w < 1.5) /* one look: no card */
        return mix(texture(map, p), 1.0, smoothstep(0.85, 1.0, edge));
    float s = texture(map, vec3(p.xy + texel * vec2(-0.7, -0.3), p.z)) +
              texture(map, vec3(p.xy + texel * vec2(0.3, -0.7), p.z)) +
              texture(map, vec3(p.xy + texel * vec2(0.7, 0.3), p.z)) +
              texture(map, vec3(p.xy + texel * vec2(-0.3, 0.7), p.z));
    return mix(s * 0.25, 1.0, smoothstep(0.85, 1.0, edge));
}
