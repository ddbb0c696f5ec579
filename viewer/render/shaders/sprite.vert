/* A picture laid over the scene. */
uniform vec4 place; /* left, top, width, height in pixels */
uniform vec2 screen;

out vec2 uv;

void main()
{
    uv = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
    vec2 p = (place.xy + uv * place.zw) / screen * 2.0 - 1.0;
    gl_Position = vec4(p.x, -p.y, 0.0, 1.0);
}
