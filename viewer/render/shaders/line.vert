/* A straight piece of a boundary, as wide on the screen everywhere. */
layout(location = 0) in vec3 a;
layout(location = 1) in vec3 b;
layout(location = 2) in uint rank;

uniform vec3 offset;
uniform float half_px; /* of rank 0 */
uniform float raise_m;

noperspective out vec2 from_a; /* pixels along and across */
flat out float piece_px, reach_px;
out vec3 at;

void main()
{
    vec3 pa = a + offset, pb = b + offset;
    pa.z += raise_m;
    pb.z += raise_m;
    vec3 va = (frame.view * vec4(pa, 1.0)).xyz, vb = (frame.view * vec4(pb, 1.0)).xyz;
    float near = -frame.viewport.z * 1.01;
    if (va.z > near && vb.z > near) {
        gl_Position = vec4(0.0, 0.0, 2.0, 1.0);
        from_a = vec2(0.0);
        piece_px = reach_px = 0.0;
        at = pa;
        return;
    }
    if (va.z > near)
        va = mix(va, vb, (va.z - near) / (va.z - vb.z));
    else if (vb.z > near)
        vb = mix(vb, va, (vb.z - near) / (vb.z - va.z));
    /* A little nearer than the ground it lies on. */
    va *= 1.0 - 0.002;
    vb *= 1.0 - 0.002;
    vec4 ca = frame.projection * vec4(va, 1.0), cb = frame.projection * vec4(vb, 1.0);
    vec2 half_view = frame.viewport.xy * 0.5;
    vec2 sa = ca.xy / ca.w * half_view, sb = cb.xy / cb.w * half_view;
    vec2 d = sb - sa;
    piece_px = length(d);
    vec2 along = piece_px > 1e-4 ? d / piece_px : vec2(1.0, 0.0);
    vec2 across = vec2(-along.y, along.x);
    float w = half_px * (rank == 0u ? 1.0 : rank == 1u ? 1.7 : 2.2);
    reach_px = w;
    float grown = w + 1.0;
    bool end = (gl_VertexID & 1) != 0;
    float side = (gl_VertexID & 2) != 0 ? 1.0 : -1.0;
    vec4 c = end ? cb : ca;
    vec2 s = (end ? sb : sa) + along * (end ? grown : -grown) + across * (side * grown);
    from_a = vec2(end ? piece_px + grown : -grown, side * grown);
    at = end ? pb : pa;
    gl_Position = vec4(s / half_view * c.w, c.zw);
}
