/* The terrain and the plain around it. */
layout(location = 0) in vec3 position;
layout(location = 1) in vec4 normal;

uniform vec3 offset; /* the mesh's origin from the eye */

out vec3 at;
out vec3 facing;

void main()
{
    at = position + offset;
    facing = normal.xyz;
    gl_Position = frame.projection * (frame.view * vec4(at, 1.0));
}
