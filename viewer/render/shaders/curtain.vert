/* A boundary's low translucent wall. */
layout(location = 0) in vec3 a;
layout(location = 1) in vec3 b;
layout(location = 2) in uint rank;

uniform vec3 offset;
uniform float height_m;

out float rise; /* 0 at the ground, 1 at the top */
out vec3 at;

void main()
{
    rise = (gl_VertexID & 2) != 0 ? 1.0 : 0.0;
    at = ((gl_VertexID & 1) != 0 ? b : a) + offset;
    at.z += rise * height_m * (rank == 0u ? 1.0 : 1.5);
    gl_Position = frame.projection * (frame.view * vec4(at * (1.0 - 0.002), 1.0));
}
