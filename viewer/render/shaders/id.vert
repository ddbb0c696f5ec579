/* Which building is at a pixel. */
layout(location = 0) in uvec3 position;
layout(location = 4) in uint building;

uniform vec3 chunk_offset;
uniform float chunk_step;

flat out uint number;

void main()
{
    number = building + 1u;
    vec3 at = vec3(position) * chunk_step + chunk_offset;
    gl_Position = frame.projection * (frame.view * vec4(at, 1.0));
}
