in vec3 at;
in vec3 facing;

uniform sampler2DArray painted;
uniform vec4 level[3]; /* south-west corner from the eye, 1 / side; 0: not there */
uniform vec3 bare;
uniform sampler2DShadow shadow_map;

out vec4 colour;

void main()
{
    vec2 dx = dFdx(at.xy), dy = dFdy(at.xy);
    vec3 base = bare;
    /* The coarse first; each finer one over it, faded in at its rim. */
    for (int i = 2; i >= 0; i--) {
        vec2 uv = (at.xy - level[i].xy) * level[i].z;
        vec2 rim = min(uv, 1.0 - uv);
        float inside = smoothstep(0.0, 0.02, min(rim.x, rim.y));
        if (inside > 0.0)
            base = mix(base, textureGrad(painted, vec3(uv, float(i)), dx * level[i].z,
                                         dy * level[i].z).rgb, inside);
    }
    vec3 n = normalize(facing);
    float sun = sun_at(shadow_map, at, n);
    colour = vec4(hazed(lit(base, n, sun), at), 1.0);
}
