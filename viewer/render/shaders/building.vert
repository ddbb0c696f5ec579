/* Walls and roofs. */
layout(location = 0) in uvec3 position;
layout(location = 1) in uint up_dm;
layout(location = 2) in vec3 normal;
layout(location = 3) in uint flag;
layout(location = 4) in uint building;

uniform vec3 chunk_offset; /* the chunk's origin from the eye */
uniform float chunk_step;
uniform usamplerBuffer styles;
uniform vec3 roof_tone;
uniform float body;

flat out vec3 albedo;
flat out vec3 facing;
flat out uint kind;
out vec3 at;
out float up_m;

void main()
{
    at = vec3(position) * chunk_step + chunk_offset;
    gl_Position = frame.projection * (frame.view * vec4(at, 1.0));
    uvec4 style = texelFetch(styles, int(building));
    vec3 colour = linear(vec3(style.rgb) / 255.0);
    bool roof = (flag & 1u) != 0u;
    bool alert = (style.a & 4u) != 0u;
    /* Neighbours of one colour differ a little, as real ones do. */
    float grain = fract(sin(float(building % 4096u) * 12.9898) * 43758.5453);
    if (!alert)
        colour *= 0.93 + 0.12 * grain;
    if (roof)
        colour = mix(colour, roof_tone, alert ? 0.12 : 0.35);
    if ((style.a & 1u) != 0u)
        colour = mix(colour, vec3(1.0), 0.45);
    else if ((style.a & 2u) != 0u)
        colour = mix(colour, vec3(1.0), 0.2);
    albedo = colour;
    facing = normal;
    kind = flag | (style.a << 8);
    up_m = float(up_dm) * 0.1;
}
