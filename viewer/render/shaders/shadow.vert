/* What the sun sees. */
layout(location = 0) in uvec3 position;

uniform vec3 chunk_offset; /* from the map's centre */
uniform float chunk_step;
uniform mat4 sun;

void main()
{
    gl_Position = sun * vec4(vec3(position) * chunk_step + chunk_offset, 1.0);
}
