/* Corners of walls and outlines of roofs, as lines. */
layout(location = 0) in uvec3 position;
layout(location = 4) in uint building;

uniform vec3 chunk_offset;
uniform float chunk_step;
uniform usamplerBuffer styles;
uniform float fade_m; /* gone at this distance */

flat out uint flags;
out vec3 at;
out float strength;

void main()
{
    at = vec3(position) * chunk_step + chunk_offset;
    float d = length(at);
    flags = texelFetch(styles, int(building)).a;
    strength = 1.0 - smoothstep(0.35, 1.0, d / fade_m);
    /* A little nearer than the wall it lies on. */
    vec3 nearer = at * (1.0 - 0.0006) - at / d * 0.03;
    gl_Position = frame.projection * (frame.view * vec4(nearer, 1.0));
}
