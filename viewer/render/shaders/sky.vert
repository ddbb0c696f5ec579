/* One triangle over the whole view. */
uniform mat4 unproject; /* from clip to directions */
uniform float farthest; /* depth of what is infinitely far */

out vec3 direction;

void main()
{
    vec2 p = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
    gl_Position = vec4(p, farthest, 1.0);
    vec4 d = unproject * vec4(p, 0.5, 1.0);
    direction = d.xyz / d.w;
}
